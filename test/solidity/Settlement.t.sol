// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { PartnerPrograms } from "../../contracts/PartnerPrograms.sol";
import { PartnerProgramsLens } from "../../contracts/PartnerProgramsLens.sol";
import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { ProgramsState } from "../../contracts/libraries/ProgramsState.sol";
import { DemoToken } from "../../contracts/mocks/DemoToken.sol";
import { Line, LineLib } from "../../contracts/types/Line.sol";
import { LineProofs } from "./LineProofs.sol";
import { vm } from "./Vm.sol";

/// @notice Batches whose attesters lie about some of their lines, settled by random chunks and pulls in random order, twice and
/// too early: nobody gets more than the total, honest lines get all that they are worth, and not a unit is lost.
/// @dev The campaign's one attester is this contract, so nothing has to be signed.
contract SettlementTest {
    using LineProofs for LineProofs.Level[];

    uint256 private constant BUDGET = 10 ** 15;
    uint256 private constant HOLD = 1 days;
    uint256 private constant MOST = 40;
    address private constant OPERATOR = address(0x0fe7a704);

    struct World {
        IPartnerPrograms.Attestation a;
        Line[] lines;
        uint256[] worths;
        LineProofs.Level[] levels;
        bool[] settled;
        /// What holds of the settled lines; and what does not.
        uint256 commission;
        uint256 fee;
        uint256 returned;
    }

    PartnerPrograms private programs;
    PartnerProgramsLens private lens;
    DemoToken private token;
    bytes32 private campaignId;
    uint64 private number;

    function setUp() external {
        vm.warp(1_790_000_000);
        programs = new PartnerPrograms();
        lens = new PartnerProgramsLens(programs);
        token = new DemoToken("Demo Dollar", "DUSD", 6);
        IPartnerPrograms.NewCampaign memory given;
        given.terms = IPartnerPrograms.Terms(address(token), uint32(HOLD), 7 days, 777, 2, false, OPERATOR, 1);
        given.offers = new IPartnerPrograms.Offer[](2);
        given.offers[0] = IPartnerPrograms.Offer(1_000_003, 125, 1_000, 0, 0, 0, "sale", 0, address(0));
        given.offers[1] = IPartnerPrograms.Offer(500_000, 0, 0, 0, 0, 3, "signup", 0, address(0));
        given.attesters = new address[](1);
        given.attesters[0] = address(this);
        given.threshold = 1;
        given.dailyLimit = type(uint128).max;
        campaignId = programs.createCampaign(given);
        token.mint(address(this), BUDGET);
        token.approve(address(programs), BUDGET);
        programs.fund(campaignId, BUDGET);
        number = 1;
    }

    function testFuzz_noSequenceSettlesMoreThanTheTotalAndNoHonestLineIsLeftOut(uint256 seed) external {
        World memory w = _attested(seed);
        uint256 steps = 30;
        for (uint256 i; i < steps; ++i) {
            _step(w, uint256(keccak256(abi.encode(seed, i))));
            _check(w);
        }
        // What is left can be pulled line by line, but for what was lied about.
        for (uint256 i; i < w.lines.length; ++i) {
            if (!w.settled[i]) _pull(w, i, _isHonest(w, i));
        }
        _check(w);
        for (uint256 i; i < w.lines.length; ++i) {
            vm.assertTrue(w.settled[i] == _isHonest(w, i), "every honest line is settled, and no other");
        }
    }

    /// @dev A line is honest if its worth in the tree is what the offers say: only then does its proof lead to the root.
    function _isHonest(World memory w, uint256 index) private view returns (bool) {
        return w.worths[index] == _worthOf(w.lines[index]);
    }

    function _worthOf(Line line) private view returns (uint256) {
        if (line.offerId() == 0 || line.offerId() > 2) return 0;
        (uint256 commission, uint256 fee) = lens.commissionOf(campaignId, line);
        return commission + fee;
    }

    function _attested(uint256 seed) private returns (World memory w) {
        uint256 count = 1 + (seed % MOST);
        w.lines = new Line[](count);
        w.worths = new uint256[](count);
        w.settled = new bool[](count);
        uint256 total;
        for (uint256 i; i < count; ++i) {
            uint256 roll = uint256(keccak256(abi.encode(seed, "line", i)));
            // Now and then an unknown offer, no partner, a volume above the cap, a kind that is not open.
            uint16 offerId =
                roll % 9 == 0
                    ? 3
                    : roll % 7 == 0
                        ? 2
                        : 1;
            address partner = roll % 11 == 0 ? address(0) : address(uint160(0xa11ce + (roll % 3)));
            uint24 lineCount = uint24(1 + ((roll >> 16) % 5));
            uint56 volume = offerId == 2 ? 0 : uint56((roll >> 32) % (uint256(lineCount) * 1_100));
            w.lines[i] = LineLib.pack(offerId, partner, lineCount, volume);
            w.worths[i] = _worthOf(w.lines[i]);
            // And now and then a lie.
            if (roll % 13 == 0) w.worths[i] += 1 + ((roll >> 64) % 10 ** 7);
            total += w.worths[i];
        }
        w.levels = LineProofs.tree(w.lines, w.worths);
        (bytes32 root, ) = w.levels.root();
        vm.warp(block.timestamp + 1);
        w.a = IPartnerPrograms.Attestation({
            campaignId: campaignId,
            firstConversion: number,
            conversions: 4,
            periodFrom: uint40(block.timestamp - 1),
            periodTo: uint40(block.timestamp),
            deadline: uint40(block.timestamp),
            conversionsRoot: bytes32(seed),
            linesRoot: root,
            lineCount: uint32(count),
            total: uint128(total)
        });
        programs.attest(w.a, new Line[](0), new IPartnerPrograms.Signature[](0));
        number += 4;
    }

    function _step(World memory w, uint256 roll) private {
        if (roll % 5 == 0) {
            _pull(w, (roll >> 8) % w.lines.length, _isHonest(w, (roll >> 8) % w.lines.length));
        } else if (roll % 5 == 1) {
            vm.warp(block.timestamp + 6 hours);
        } else {
            _release(w, (roll >> 8) % w.levels.length, roll >> 16);
        }
    }

    function _release(World memory w, uint256 height, uint256 roll) private {
        if (height > 8) height = 8;
        uint256 position = roll % w.levels[height].hashes.length;
        uint256 first = position << height;
        uint256 end = first + (1 << height);
        if (end > w.lines.length) end = w.lines.length;
        Line[] memory lines = new Line[](end - first);
        bool honest = true;
        for (uint256 i = first; i < end; ++i) {
            lines[i - first] = w.lines[i];
            honest = honest && _isHonest(w, i);
        }
        bytes memory data = abi.encodeCall(programs.release, (w.a, first, w.levels.path(height, position), lines));
        (bool success, ) = address(programs).call(data);
        vm.assertTrue(success == (honest && _isOver(w)), "released when all in it are honest, and the hold is over");
        if (!success) return;
        for (uint256 i = first; i < end; ++i) {
            _settle(w, i);
        }
    }

    function _pull(World memory w, uint256 index, bool honest) private {
        IPartnerPrograms.Attestation[] memory attestations = new IPartnerPrograms.Attestation[](1);
        IPartnerPrograms.LineProof[] memory proofs = new IPartnerPrograms.LineProof[](1);
        attestations[0] = w.a;
        proofs[0] = IPartnerPrograms.LineProof(index, w.lines[index], w.levels.path(0, index));
        if (w.settled.length != 0 && !_isOver(w)) vm.warp(block.timestamp + HOLD);
        (bool success, ) = address(programs).call(abi.encodeCall(programs.pull, (attestations, proofs)));
        vm.assertTrue(success == (honest && !w.settled[index]), "pulled once, if honest");
        if (success) _settle(w, index);
    }

    function _isOver(World memory w) private view returns (bool) {
        return block.timestamp >= uint256(w.a.periodTo) + HOLD;
    }

    function _settle(World memory w, uint256 index) private view {
        if (w.settled[index]) return;
        w.settled[index] = true;
        Line line = w.lines[index];
        bool holds =
            line.offerId() == 1 &&
                line.partner() != address(0) &&
                line.count() <= 4 &&
                line.volumeUnits() <= uint256(line.count()) * 1_000;
        if (!holds) {
            w.returned += w.worths[index];
            return;
        }
        (uint256 commission, uint256 fee) = lens.commissionOf(campaignId, line);
        w.commission += commission;
        w.fee += fee;
    }

    function _check(World memory w) private view {
        ProgramsState.CampaignState memory s = lens.campaign(campaignId);
        uint256 settled = w.commission + w.fee + w.returned;
        vm.assertLe(settled, w.a.total, "never more than the total");
        vm.assertEq(s.reserved, w.a.total - settled, "reserved is what is not settled");
        vm.assertEq(s.available, BUDGET - w.a.total + w.returned, "what does not hold is available again");
        vm.assertEq(lens.creditOf(OPERATOR, address(token)), w.fee, "the operator's fee");
        uint256 paid;
        for (uint256 i; i < 3; ++i) {
            address partner = address(uint160(0xa11ce + i));
            paid += lens.creditOf(partner, address(token)) + token.balanceOf(partner);
        }
        vm.assertEq(paid, w.commission, "partners have what their lines are worth");
        vm.assertEq(lens.creditOf(address(0), address(token)), 0, "nobody has nothing");
        uint256 inside = s.available + s.reserved + w.fee;
        for (uint256 i; i < 3; ++i) {
            inside += lens.creditOf(address(uint160(0xa11ce + i)), address(token));
        }
        vm.assertEq(token.balanceOf(address(programs)), inside, "not a unit is lost");
    }
}
