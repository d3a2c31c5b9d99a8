// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import { PartnerPrograms } from "../../contracts/PartnerPrograms.sol";
import { PartnerProgramsLens } from "../../contracts/PartnerProgramsLens.sol";
import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { Commission } from "../../contracts/libraries/Commission.sol";
import { LineTree } from "../../contracts/libraries/LineTree.sol";
import { Line, LineLib } from "../../contracts/types/Line.sol";
import { LineProofs } from "./LineProofs.sol";
import { vm } from "./Vm.sol";

/// @notice The golden values of protocol/vectors, which test/protocol/vectors.test.ts reads too, hold for the contract.
contract VectorsTest {
    PartnerProgramsLens private lens;

    /// @dev The list under test and the path of the case that is read: `$.trees` and `$.trees[3]`.
    string private json;
    string private list;
    string private place;

    function setUp() external {
        lens = new PartnerProgramsLens(new PartnerPrograms());
    }

    function test_aLineIsPackedKeyedAndUnpackedAsWrittenDown() external {
        _open("line", "$.packed");
        for (uint256 i; _goTo(i); ++i) {
            uint16 offerId = uint16(_uint(".offerId"));
            address partner = vm.parseJsonAddress(json, _path(".partner"));
            uint24 count = uint24(_uint(".count"));
            uint56 volumeUnits = uint56(_uint(".volumeUnits"));

            Line line = LineLib.pack(offerId, partner, count, volumeUnits);
            vm.assertEq(Line.unwrap(line), _word(".packed"), _name());
            vm.assertEq(line.key(), _uint(".key"), _name());
            vm.assertEq(line.offerId(), offerId, _name());
            vm.assertEq(line.partner(), partner, _name());
            vm.assertEq(line.count(), count, _name());
            vm.assertEq(line.volumeUnits(), volumeUnits, _name());
        }
    }

    function test_aLineIsLoweredToItsTargetAsWrittenDown() external {
        _open("line", "$.lowered");
        for (uint256 i; _goTo(i); ++i) {
            vm.assertEq(Line.unwrap(_line(".line").lowerTo(_line(".target"))), _word(".lowered"), _name());
        }
    }

    function test_aBatchsTreeHasTheRootTheTotalAndTheWaysWrittenDown() external {
        _open("lineTree", "$");
        for (uint256 i; _goTo(i); ++i) {
            Line[] memory lines = _lines(".lines");
            uint256[] memory given = vm.parseJsonUintArray(json, _path(".worths"));
            uint128[] memory worths = new uint128[](given.length);
            for (uint256 k; k < given.length; ++k) {
                worths[k] = uint128(given[k]);
            }
            (bytes32 root, uint256 total) = lens.lineTree(lines, worths);
            _assertRoot(root, total);

            uint256 proven = _uint(".proven");
            (root, total) = this.climbOf(proven, Line.unwrap(lines[proven]), given[proven], _bytes(".path"));
            _assertRoot(root, total);

            LineProofs.Level[] memory levels = LineProofs.tree(lines, given);
            uint256 height = _uint(".height");
            uint256 position = _uint(".first") >> height;
            LineProofs.Level memory level = levels[height];
            (root, total) = this.climbOf(position, level.hashes[position], level.sums[position], _bytes(".chunkPath"));
            _assertRoot(root, total);
        }
    }

    function test_conversionsHaveTheLeavesTheRootAndTheProofsWrittenDown() external {
        _open("conversionTree", "$");
        for (uint256 tree; _goTo(tree); ++tree) {
            bytes32 root = _word(".root");
            list = _path(".conversions");
            for (uint256 i; _goTo(i); ++i) {
                _checkConversion(root);
            }
            list = "$";
        }
    }

    function test_aLineIsWorthTheCommissionAndTheFeeWrittenDown() external {
        _open("commission", "$");
        for (uint256 i; _goTo(i); ++i) {
            (uint256 commission, uint256 fee) = Commission.ofLineDown(
                _line(".line"),
                _uint(".flatAmount"),
                _uint(".rateBps") * 10 ** _uint(".unitExponent"),
                _uint(".feeBps")
            );
            vm.assertEq(commission, _uint(".commission"), _name());
            vm.assertEq(fee, _uint(".fee"), _name());
        }
    }

    function test_anAttestationHasTheDigestWrittenDown() external {
        _openTypedData("$.attestations");
        for (uint256 i; _goTo(i); ++i) {
            IPartnerPrograms.Attestation memory attestation = IPartnerPrograms.Attestation({
                campaignId: _word(".campaignId"),
                firstConversion: uint64(_uint(".firstConversion")),
                conversions: uint32(_uint(".conversions")),
                periodFrom: uint40(_uint(".periodFrom")),
                periodTo: uint40(_uint(".periodTo")),
                deadline: uint40(_uint(".deadline")),
                conversionsRoot: _word(".conversionsRoot"),
                linesRoot: _word(".linesRoot"),
                lineCount: uint32(_uint(".lineCount")),
                total: uint128(_uint(".total"))
            });
            vm.assertEq(lens.attestationDigest(attestation), _word(".digest"), _name());
        }
    }

    function test_aReversalHasTheDigestWrittenDown() external {
        _openTypedData("$.reversals");
        for (uint256 i; _goTo(i); ++i) {
            bytes32 digest = lens.reversalDigest(
                _word(".campaignId"),
                _word(".attestation"),
                _lines(".targets"),
                _word(".reasonHash")
            );
            vm.assertEq(digest, _word(".digest"), _name());
        }
    }

    function test_aClaimOrderHasTheDigestWrittenDown() external {
        _openTypedData("$.claimOrders");
        for (uint256 i; _goTo(i); ++i) {
            IPartnerPrograms.ClaimOrder memory order = IPartnerPrograms.ClaimOrder({
                owner: vm.parseJsonAddress(json, _path(".owner")),
                receiver: vm.parseJsonAddress(json, _path(".receiver")),
                tokens: vm.parseJsonAddressArray(json, _path(".tokens")),
                nonce: _uint(".nonce"),
                deadline: _uint(".deadline")
            });
            vm.assertEq(lens.claimDigest(order), _word(".digest"), _name());
        }
    }

    function test_aPayoutOrderHasTheDigestWrittenDown() external {
        _openTypedData("$.payoutOrders");
        for (uint256 i; _goTo(i); ++i) {
            IPartnerPrograms.PayoutOrder memory order = IPartnerPrograms.PayoutOrder({
                owner: vm.parseJsonAddress(json, _path(".owner")),
                receiver: vm.parseJsonAddress(json, _path(".receiver")),
                lockSeconds: uint32(_uint(".lockSeconds")),
                nonce: _uint(".nonce"),
                deadline: _uint(".deadline")
            });
            vm.assertEq(lens.payoutDigest(order), _word(".digest"), _name());
        }
    }

    /// @dev No contract reads a receipt, so there is no library to ask: its struct hash is written out here.
    function test_aReceiptHasTheDigestWrittenDown() external {
        _openTypedData("$.receipts");
        for (uint256 i; _goTo(i); ++i) {
            bytes32 structHash = keccak256(
                abi.encode(
                    keccak256(
                        "Receipt(bytes32 campaignId,bytes32 conversionKey,bytes32 salt,uint40 receivedAt,uint40 attestBy,bytes32[] entries)"
                    ),
                    _word(".campaignId"),
                    _word(".conversionKey"),
                    _word(".salt"),
                    _uint(".receivedAt"),
                    _uint(".attestBy"),
                    keccak256(abi.encodePacked(_words(".entries")))
                )
            );
            vm.assertEq(MessageHashUtils.toTypedDataHash(_domain(), structHash), _word(".digest"), _name());
        }
    }

    /// @dev {LineTree} takes its path from calldata.
    function climbOf(
        uint256 position,
        bytes32 hash,
        uint256 sum,
        bytes calldata path
    ) external pure returns (bytes32, uint256) {
        return LineTree.climb(position, hash, sum, path);
    }

    function _assertRoot(bytes32 root, uint256 total) private view {
        vm.assertEq(root, _word(".root"), _name());
        vm.assertEq(total, _uint(".total"), _name());
    }

    function _checkConversion(bytes32 root) private view {
        uint64 number = uint64(_uint(".number"));
        (bytes32 key, bytes32 salt, Line[] memory entries) = (_word(".key"), _word(".salt"), _lines(".entries"));
        vm.assertEq(lens.conversionLeaf(number, key, salt, entries), _word(".leaf"), place);
        vm.assertTrue(lens.isConversionIn(root, number, key, salt, entries, _words(".proof")), place);
        vm.assertTrue(!lens.isConversionIn(root, number ^ 1, key, salt, entries, _words(".proof")), place);
    }

    /// @dev The digests are of one contract on one chain, so the contract is put at that address, on that chain.
    function _openTypedData(string memory path) private {
        _open("typedData", path);
        address programs = vm.parseJsonAddress(json, "$.programs");
        vm.chainId(vm.parseJsonUint(json, "$.chainId"));
        vm.etch(programs, address(lens.programs()).code);
        lens = new PartnerProgramsLens(IPartnerPrograms(programs));
    }

    function _domain() private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256("PartnerPrograms"),
                    keccak256("1"),
                    block.chainid,
                    lens.programs()
                )
            );
    }

    // --------------------------------------------------------------------------------------------- the files

    /// @dev Opens the list at `path`, which is not empty.
    function _open(string memory file, string memory path) private {
        json = vm.readFile(string.concat("protocol/vectors/", file, ".json"));
        list = path;
        vm.assertTrue(_goTo(0), path);
    }

    function _goTo(uint256 index) private returns (bool exists) {
        place = string.concat(list, "[", vm.toString(index), "]");
        return vm.keyExistsJson(json, place);
    }

    function _path(string memory field) private view returns (string memory) {
        return string.concat(place, field);
    }

    function _name() private view returns (string memory) {
        return vm.parseJsonString(json, _path(".name"));
    }

    function _uint(string memory field) private view returns (uint256) {
        return vm.parseJsonUint(json, _path(field));
    }

    function _bytes(string memory field) private view returns (bytes memory) {
        return vm.parseJsonBytes(json, _path(field));
    }

    function _word(string memory field) private view returns (bytes32) {
        return vm.parseJsonBytes32(json, _path(field));
    }

    function _words(string memory field) private view returns (bytes32[] memory) {
        return vm.parseJsonBytes32Array(json, _path(field));
    }

    function _line(string memory field) private view returns (Line) {
        return Line.wrap(_word(field));
    }

    function _lines(string memory field) private view returns (Line[] memory lines) {
        bytes32[] memory words = _words(field);
        lines = new Line[](words.length);
        for (uint256 i; i < words.length; ++i) {
            lines[i] = Line.wrap(words[i]);
        }
    }
}
