// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import { Bytes } from "@openzeppelin/contracts/utils/Bytes.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import { IPartnerPrograms } from "./interfaces/IPartnerPrograms.sol";
import { IPartnerProgramsLens } from "./interfaces/IPartnerProgramsLens.sol";
import { Commission } from "./libraries/Commission.sol";
import { ConversionTree } from "./libraries/ConversionTree.sol";
import { Limits } from "./libraries/Limits.sol";
import { LineTree } from "./libraries/LineTree.sol";
import { ReleasedLines } from "./libraries/ReleasedLines.sol";
import { StructHash } from "./libraries/StructHash.sol";
import { Line } from "./types/Line.sol";

/// @title PartnerProgramsLens
/// @notice See {IPartnerProgramsLens}.
contract PartnerProgramsLens is IPartnerProgramsLens {
    using Bytes for bytes;

    IPartnerPrograms public immutable programs;

    constructor(IPartnerPrograms programs_) {
        programs = programs_;
    }

    /// @inheritdoc IPartnerProgramsLens
    function overview(bytes32 campaignId) external view returns (Overview memory o) {
        IPartnerPrograms.CampaignState memory s = programs.campaign(campaignId);
        o.terms = programs.termsOf(campaignId);
        o.brand = s.brand;
        o.available = s.available;
        o.reserved = s.reserved;
        o.spendable = _spendable(s);
        o.nextConversion = s.nextConversion;
        o.suspended = block.timestamp < s.suspendedUntil;
        o.closesAt = s.closesAt;
        o.closed = s.closesAt != 0 && block.timestamp >= s.finalAt;
        (o.attesterSet, o.attesters, o.threshold) = _attesters(campaignId, s);
        o.dailyLimit = _dailyLimit(s);
        uint256 spent = s.spentOnDay == block.timestamp / 1 days ? s.spent : 0;
        o.remainingToday =
            o.dailyLimit == Limits.NO_LIMIT
                ? Limits.NO_LIMIT
                : o.dailyLimit > spent
                    ? o.dailyLimit - spent
                    : 0;
        o.offers = new IPartnerPrograms.Offer[](s.offerCount);
        for (uint256 i; i < s.offerCount; ++i) {
            o.offers[i] = programs.offer(campaignId, i + 1);
        }
    }

    /// @inheritdoc IPartnerProgramsLens
    function campaignIdOf(
        address brand,
        bytes32 salt,
        IPartnerPrograms.Terms calldata terms
    ) external view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(programs), brand, salt, terms));
    }

    /// @inheritdoc IPartnerProgramsLens
    function kindsOf(bytes32 campaignId, address partner) external view returns (uint16 mask) {
        IPartnerPrograms.Kinds memory k = programs.kindsOf(campaignId, partner);
        if (!k.listed) return programs.termsOf(campaignId).openKinds;
        return block.timestamp <= k.effectiveAt ? k.mask | k.previousMask : k.mask;
    }

    /// @inheritdoc IPartnerProgramsLens
    function commissionOf(bytes32 campaignId, Line line) public view returns (uint256 commission, uint256 fee) {
        IPartnerPrograms.Terms memory t = programs.termsOf(campaignId);
        IPartnerPrograms.Offer memory o = programs.offer(campaignId, line.offerId());
        return
            Commission.ofLineDown(
                line,
                Commission.Rate(o.flatAmount, o.rateBps, o.capUnits, 10 ** t.unitExponent, t.feeBps)
            );
    }

    /// @inheritdoc IPartnerProgramsLens
    function runway(bytes32 campaignId, uint256 attested, uint40 since) external view returns (uint256) {
        if (attested == 0) return type(uint256).max;
        return (_spendable(programs.campaign(campaignId)) * (block.timestamp - since)) / attested;
    }

    /// @inheritdoc IPartnerProgramsLens
    function lineStatus(
        bytes32 campaignId,
        bytes32 attestation,
        IPartnerPrograms.LineProof calldata proven
    ) external view returns (LineStatus memory status) {
        IPartnerPrograms.BatchState memory b = programs.batch(campaignId, attestation);
        require(b.linesRoot != 0, IPartnerPrograms.UnknownBatch(campaignId, attestation));
        require(proven.index < b.lineCount, IPartnerPrograms.UnknownLine(proven.index, b.lineCount));
        bytes32 root = LineTree.rootOf(proven.index, proven.line, proven.proof);
        require(root == b.linesRoot, IPartnerPrograms.LinesDifferFromBatch(b.linesRoot, root));
        (status.commission, status.fee) = commissionOf(campaignId, proven.line);
        status.releaseAt = b.releaseAt;
        status.released = ReleasedLines.has(b.released, proven.index);
    }

    /// @inheritdoc IPartnerProgramsLens
    function creditsOf(address owner, address[] calldata tokens) public view returns (uint256[] memory amounts) {
        amounts = new uint256[](tokens.length);
        for (uint256 i; i < tokens.length; ++i) {
            amounts[i] = programs.creditOf(owner, tokens[i]);
        }
    }

    // ----------------------------------------------------------------------------------------------- previews

    /// @inheritdoc IPartnerProgramsLens
    function previewAttest(
        IPartnerPrograms.Attestation calldata a,
        IPartnerPrograms.Signature[] calldata signatures
    ) external returns (bytes32 attestation, uint256 commission, uint256 fee, bytes memory failure) {
        (, failure) = _preview(abi.encodeCall(IPartnerPrograms.attest, (a, signatures)));
        attestation = attestationDigest(a);
        for (uint256 i; i < a.lines.length; ++i) {
            try this.commissionOf(a.campaignId, a.lines[i]) returns (uint256 ofLine, uint256 feeOfLine) {
                commission += ofLine;
                fee += feeOfLine;
            } catch {
                return (attestation, 0, 0, failure);
            }
        }
    }

    /// @inheritdoc IPartnerProgramsLens
    function previewReverse(
        IPartnerPrograms.Reversal calldata reversal,
        IPartnerPrograms.LineProof[] calldata current,
        IPartnerPrograms.Signature[] calldata signatures
    ) external returns (uint256 returned, bytes memory failure) {
        return _previewAmount(abi.encodeCall(IPartnerPrograms.reverse, (reversal, current, signatures)));
    }

    /// @inheritdoc IPartnerProgramsLens
    function previewRelease(
        bytes32 campaignId,
        bytes32 attestation,
        Line[] calldata lines,
        uint16[] calldata indices
    ) external returns (uint256 commission, bytes memory failure) {
        return _previewAmount(abi.encodeCall(IPartnerPrograms.release, (campaignId, attestation, lines, indices)));
    }

    /// @inheritdoc IPartnerProgramsLens
    function previewPull(
        bytes32 campaignId,
        bytes32 attestation,
        IPartnerPrograms.LineProof calldata proven
    ) external returns (uint256 commission, bytes memory failure) {
        return _previewAmount(abi.encodeCall(IPartnerPrograms.pull, (campaignId, attestation, proven)));
    }

    /// @inheritdoc IPartnerProgramsLens
    function previewClaimFor(
        IPartnerPrograms.ClaimOrder calldata order,
        bytes calldata signature
    ) external returns (uint256[] memory amounts, bytes memory failure) {
        (, failure) = _preview(abi.encodeCall(IPartnerPrograms.claimFor, (order, signature)));
        if (failure.length == 0) amounts = creditsOf(order.owner, order.tokens);
    }

    /// @inheritdoc IPartnerProgramsLens
    function previewPayOut(
        address owner,
        address[] calldata tokens
    ) external returns (uint256[] memory amounts, bytes memory failure) {
        (, failure) = _preview(abi.encodeCall(IPartnerPrograms.payOut, (owner, tokens)));
        if (failure.length == 0) amounts = creditsOf(owner, tokens);
    }

    /// @inheritdoc IPartnerProgramsLens
    function simulate(bytes calldata call) external {
        // solhint-disable-next-line avoid-low-level-calls
        (bool succeeded, bytes memory result) = address(programs).call(call);
        revert Simulated(succeeded, result);
    }

    // ------------------------------------------------------------------------------------------------- hashes

    /// @inheritdoc IPartnerProgramsLens
    function attestationDigest(IPartnerPrograms.Attestation calldata a) public view returns (bytes32) {
        return _typedDataHash(StructHash.ofAttestation(a));
    }

    /// @inheritdoc IPartnerProgramsLens
    function reversalDigest(IPartnerPrograms.Reversal calldata reversal) external view returns (bytes32) {
        return _typedDataHash(StructHash.ofReversal(reversal));
    }

    /// @inheritdoc IPartnerProgramsLens
    function claimDigest(IPartnerPrograms.ClaimOrder calldata order) external view returns (bytes32) {
        return _typedDataHash(StructHash.ofClaim(order));
    }

    /// @inheritdoc IPartnerProgramsLens
    function linesRoot(Line[] calldata lines) external pure returns (bytes32) {
        return LineTree.root(lines);
    }

    /// @inheritdoc IPartnerProgramsLens
    function conversionLeaf(
        uint64 number,
        bytes32 key,
        bytes32 salt,
        Line[] calldata entries
    ) external pure returns (bytes32) {
        return ConversionTree.leaf(number, key, salt, entries);
    }

    /// @inheritdoc IPartnerProgramsLens
    function isConversionIn(
        bytes32 conversionsRoot,
        uint64 number,
        bytes32 key,
        bytes32 salt,
        Line[] calldata entries,
        bytes32[] calldata proof
    ) external pure returns (bool) {
        return ConversionTree.isIn(conversionsRoot, ConversionTree.leaf(number, key, salt, entries), proof);
    }

    /// @dev Of an operation that returns one amount.
    function _previewAmount(bytes memory call) private returns (uint256 amount, bytes memory failure) {
        bytes memory returned;
        (returned, failure) = _preview(call);
        if (failure.length == 0) amount = abi.decode(returned, (uint256));
    }

    /// @dev Does `call` and undoes it: one of the two is what it returned, or reverted with.
    function _preview(bytes memory call) private returns (bytes memory returned, bytes memory failure) {
        // `simulate` always reverts, and with nothing but `Simulated`.
        try this.simulate(call) {} catch (bytes memory reason) {
            (bool succeeded, bytes memory result) = abi.decode(reason.slice(4), (bool, bytes));
            if (succeeded)
                returned = result;
                // A call that fails without a word, such as a token that reverts so, is still an error.
            else failure = result.length == 0 ? abi.encodePacked(FailedSilently.selector) : result;
        }
    }

    function _spendable(IPartnerPrograms.CampaignState memory s) private view returns (uint256) {
        bool pending = s.withdrawableAt != 0 && block.timestamp < s.withdrawableAt + Limits.WITHDRAWAL_WINDOW;
        if (!pending) return s.available;
        return s.available > s.withdrawalAmount ? s.available - s.withdrawalAmount : 0;
    }

    function _attesters(
        bytes32 campaignId,
        IPartnerPrograms.CampaignState memory s
    ) private view returns (uint16 index, address[] memory members, uint8 threshold) {
        index = s.attesterSet;
        (members, threshold, ) = programs.attesterSet(campaignId, index);
        if (!s.attestersAnnounced) return (index, members, threshold);
        (address[] memory next, uint8 nextThreshold, uint40 effectiveAt) = programs.attesterSet(campaignId, index + 1);
        if (block.timestamp >= effectiveAt) return (index + 1, next, nextThreshold);
    }

    function _dailyLimit(IPartnerPrograms.CampaignState memory s) private view returns (uint256) {
        if (!s.limited) return Limits.NO_LIMIT;
        return s.nextDailyLimitAt != 0 && block.timestamp >= s.nextDailyLimitAt ? s.nextDailyLimit : s.dailyLimit;
    }

    function _typedDataHash(bytes32 structHash) private view returns (bytes32) {
        (, string memory name, string memory version, uint256 chainId, address verifyingContract, , ) = IERC5267(
            address(programs)
        ).eip712Domain();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                chainId,
                verifyingContract
            )
        );
        return MessageHashUtils.toTypedDataHash(domain, structHash);
    }
}
