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
import { ProgramsState } from "./libraries/ProgramsState.sol";
import { Rules } from "./libraries/Rules.sol";
import { StructHash } from "./libraries/StructHash.sol";
import { Line } from "./types/Line.sol";

/// @title PartnerProgramsLens
/// @notice See {IPartnerProgramsLens}.
contract PartnerProgramsLens is IPartnerProgramsLens {
    using Bytes for bytes;
    using ProgramsState for IPartnerPrograms;

    IPartnerPrograms public immutable programs;

    constructor(IPartnerPrograms programs_) {
        programs = programs_;
    }

    /// @inheritdoc IPartnerProgramsLens
    function overview(bytes32 campaignId) external view returns (Overview memory o) {
        ProgramsState.CampaignState memory s = programs.campaign(campaignId);
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
        for (uint256 i; i < o.attesters.length; ++i) {
            if (o.attesters[i] == s.brand) o.brandAttests = true;
            if (o.attesters[i].code.length != 0) o.contractAttesters |= uint16(1 << i);
        }
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
    function termsOf(bytes32 campaignId) external view returns (IPartnerPrograms.Terms memory) {
        return programs.termsOf(campaignId);
    }

    /// @inheritdoc IPartnerProgramsLens
    function campaign(bytes32 campaignId) external view returns (ProgramsState.CampaignState memory) {
        return programs.campaign(campaignId);
    }

    /// @inheritdoc IPartnerProgramsLens
    function offer(bytes32 campaignId, uint256 offerId) external view returns (IPartnerPrograms.Offer memory o) {
        programs.check(campaignId);
        o = programs.offer(campaignId, offerId);
        require(o.validTo != 0, IPartnerPrograms.UnknownOffer(campaignId, offerId));
    }

    /// @inheritdoc IPartnerProgramsLens
    function attesterSet(
        bytes32 campaignId,
        uint256 index
    ) external view returns (address[] memory members, uint8 threshold, uint40 effectiveAt) {
        programs.check(campaignId);
        return programs.attesterSet(campaignId, index);
    }

    /// @inheritdoc IPartnerProgramsLens
    function batch(bytes32 attestation) external view returns (ProgramsState.BatchState memory) {
        return programs.batch(attestation);
    }

    /// @inheritdoc IPartnerProgramsLens
    function settledLines(bytes32 attestation, uint256 word) external view returns (uint256 marks) {
        return programs.settled(attestation, word);
    }

    /// @inheritdoc IPartnerProgramsLens
    function payoutOf(address owner) external view returns (ProgramsState.PayoutState memory) {
        return programs.payoutOf(owner);
    }

    /// @inheritdoc IPartnerProgramsLens
    function creditOf(address owner, address token) external view returns (uint256) {
        return programs.creditOf(owner, token);
    }

    /// @inheritdoc IPartnerProgramsLens
    function kindsOf(bytes32 campaignId, address partner, uint256 periodTo) external view returns (uint64 mask) {
        programs.check(campaignId);
        return programs.kindsFor(campaignId, partner, periodTo);
    }

    /// @inheritdoc IPartnerProgramsLens
    function receiverOf(address owner) external view returns (address receiver, uint32 lockSeconds) {
        ProgramsState.PayoutState memory p = programs.payoutOf(owner);
        (receiver, lockSeconds) = p.nextAt != 0 && block.timestamp >= p.nextAt
            ? (p.nextReceiver, p.nextLockSeconds)
            : (p.receiver, p.lockSeconds);
        if (receiver == address(0)) receiver = owner;
    }

    /// @inheritdoc IPartnerProgramsLens
    function commissionOf(bytes32 campaignId, Line line) public view returns (uint256 commission, uint256 fee) {
        IPartnerPrograms.Terms memory t = programs.termsOf(campaignId);
        IPartnerPrograms.Offer memory o = programs.offer(campaignId, line.offerId());
        require(o.validTo != 0, IPartnerPrograms.UnknownOffer(campaignId, line.offerId()));
        return _worthOf(t, o, line);
    }

    /// @inheritdoc IPartnerProgramsLens
    function rehearse(
        IPartnerPrograms.Attestation calldata a,
        uint256 first,
        Line[] calldata lines
    ) external view returns (uint256 worth, LineFault[] memory faults) {
        IPartnerPrograms.Terms memory t = programs.termsOf(a.campaignId);
        IPartnerPrograms.Offer memory o;
        faults = new LineFault[](lines.length);
        uint256 count;
        for (uint256 i; i < lines.length; ++i) {
            if (i == 0 || lines[i].offerId() != lines[i - 1].offerId()) {
                o = programs.offer(a.campaignId, lines[i].offerId());
            }
            if (Rules.covers(o.validFrom, o.validTo, a.periodFrom, a.periodTo)) {
                (uint256 commission, uint256 fee) = _worthOf(t, o, lines[i]);
                worth += commission + fee;
            }
            IPartnerPrograms.Fault fault = _faultOf(a, o, lines[i]);
            if (fault != IPartnerPrograms.Fault.None) faults[count++] = LineFault(first + i, fault);
        }
        // Only as many as there are.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(faults, count)
        }
    }

    /// @inheritdoc IPartnerProgramsLens
    function runway(bytes32 campaignId, uint256 attested, uint40 since) external view returns (uint256) {
        uint256 spendable = _spendable(programs.campaign(campaignId));
        return attested == 0 ? type(uint256).max : (spendable * (block.timestamp - since)) / attested;
    }

    /// @inheritdoc IPartnerProgramsLens
    function lineStatus(
        IPartnerPrograms.Attestation calldata a,
        IPartnerPrograms.LineProof calldata proven
    ) external view returns (LineStatus memory status) {
        IPartnerPrograms.Terms memory t = programs.termsOf(a.campaignId);
        bytes32 digest = attestationDigest(a);
        ProgramsState.BatchState memory b = programs.batch(digest);
        require(b.releaseAt != 0, IPartnerPrograms.UnknownBatch(a.campaignId, digest));
        require(proven.index < a.lineCount, IPartnerPrograms.UnknownLine(proven.index, a.lineCount));
        uint256 levels = LineTree.depth(a.lineCount);
        require(proven.path.length == LineTree.NODE * levels, IPartnerPrograms.InvalidPath(proven.path.length, levels));
        IPartnerPrograms.Offer memory o = programs.offer(a.campaignId, proven.line.offerId());
        if (Rules.covers(o.validFrom, o.validTo, a.periodFrom, a.periodTo)) {
            (status.commission, status.fee) = _worthOf(t, o, proven.line);
        }
        _checkTree(a, b, proven, status.commission + status.fee);
        status.releaseAt = b.releaseAt;
        status.settled = (programs.settled(digest, proven.index >> 8) >> (proven.index & 255)) & 1 == 1;
        status.fault = _faultOf(a, o, proven.line);
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
        Line[] calldata lines,
        IPartnerPrograms.Signature[] calldata signatures
    ) external returns (bytes32 digest, bytes memory failure) {
        (, failure) = _preview(abi.encodeCall(IPartnerPrograms.attest, (a, lines, signatures)));
        digest = attestationDigest(a);
    }

    /// @inheritdoc IPartnerProgramsLens
    function previewReverse(
        IPartnerPrograms.Attestation calldata a,
        IPartnerPrograms.LineReversal[] calldata lines,
        bytes32 reasonHash,
        IPartnerPrograms.Signature[] calldata signatures
    ) external returns (uint256 returned, bytes memory failure) {
        return _previewAmount(abi.encodeCall(IPartnerPrograms.reverse, (a, lines, reasonHash, signatures)));
    }

    /// @inheritdoc IPartnerProgramsLens
    function previewRelease(
        IPartnerPrograms.Attestation calldata a,
        uint256 first,
        bytes calldata path,
        Line[] calldata lines
    ) external returns (uint256 commission, bytes memory failure) {
        return _previewAmount(abi.encodeCall(IPartnerPrograms.release, (a, first, path, lines)));
    }

    /// @inheritdoc IPartnerProgramsLens
    function previewPull(
        IPartnerPrograms.Attestation[] calldata attestations,
        IPartnerPrograms.LineProof[] calldata lines
    ) external returns (uint256 commission, bytes memory failure) {
        return _previewAmount(abi.encodeCall(IPartnerPrograms.pull, (attestations, lines)));
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
    function reversalDigest(
        bytes32 campaignId,
        bytes32 attestation,
        Line[] calldata targets,
        bytes32 reasonHash
    ) external view returns (bytes32) {
        return _typedDataHash(StructHash.ofReversal(campaignId, attestation, targets, reasonHash));
    }

    /// @inheritdoc IPartnerProgramsLens
    function claimDigest(IPartnerPrograms.ClaimOrder calldata order) external view returns (bytes32) {
        return _typedDataHash(StructHash.ofClaim(order));
    }

    /// @inheritdoc IPartnerProgramsLens
    function payoutDigest(IPartnerPrograms.PayoutOrder calldata order) external view returns (bytes32) {
        return _typedDataHash(StructHash.ofPayout(order));
    }

    /// @inheritdoc IPartnerProgramsLens
    function lineTree(
        Line[] calldata lines,
        uint128[] calldata worths
    ) external pure returns (bytes32 root, uint256 total) {
        // Level by level, in plain words: {LineTree-fold} is the same in fewer.
        uint256 count = lines.length;
        bytes32[] memory hashes = new bytes32[](count + 1);
        uint128[] memory sums = new uint128[](count + 1);
        for (uint256 i; i < count; ++i) {
            (hashes[i], sums[i]) = (Line.unwrap(lines[i]), worths[i]);
        }
        for (; count > 1; count = (count + 1) / 2) {
            if (count % 2 == 1) (hashes[count], sums[count]) = (0, 0);
            for (uint256 i; i < count; i += 2) {
                hashes[i / 2] = keccak256(abi.encodePacked(hashes[i], sums[i], hashes[i + 1], sums[i + 1]));
                sums[i / 2] = sums[i] + sums[i + 1];
            }
        }
        return (hashes[0], sums[0]);
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

    function _worthOf(
        IPartnerPrograms.Terms memory t,
        IPartnerPrograms.Offer memory o,
        Line line
    ) private pure returns (uint256 commission, uint256 fee) {
        return Commission.ofLineDown(line, o.flatAmount, o.rateBps * 10 ** t.unitExponent, t.feeBps);
    }

    /// @dev Why a line under an offer does not hold, if it does not.
    function _faultOf(
        IPartnerPrograms.Attestation calldata a,
        IPartnerPrograms.Offer memory o,
        Line line
    ) private view returns (IPartnerPrograms.Fault) {
        if (!Rules.covers(o.validFrom, o.validTo, a.periodFrom, a.periodTo)) {
            return o.validTo == 0 ? IPartnerPrograms.Fault.UnknownOffer : IPartnerPrograms.Fault.PeriodOutsideOffer;
        }
        if (!Rules.numbersHold(line, o.capUnits, a.conversions)) return Rules.ofNumbers(line, a.conversions);
        if (o.kind == Rules.FOR_ONE_PARTNER) {
            return
                o.partner == line.partner() ? IPartnerPrograms.Fault.None : IPartnerPrograms.Fault.OfferForOtherPartner;
        }
        uint64 kinds = programs.kindsFor(a.campaignId, line.partner(), a.periodTo);
        return Rules.includes(kinds, o.kind) ? IPartnerPrograms.Fault.None : IPartnerPrograms.Fault.KindNotPayable;
    }

    function _checkTree(
        IPartnerPrograms.Attestation calldata a,
        ProgramsState.BatchState memory b,
        IPartnerPrograms.LineProof calldata proven,
        uint256 worth
    ) private pure {
        (bytes32 root, uint256 sum) = LineTree.climb(proven.index, Line.unwrap(proven.line), worth, proven.path);
        if (b.loweredTo != 0) {
            bytes32 given = keccak256(abi.encode(root, sum));
            require(given == b.loweredTo, IPartnerPrograms.LinesDifferFromBatch(b.loweredTo, given));
            return;
        }
        require(root == a.linesRoot, IPartnerPrograms.LinesDifferFromBatch(a.linesRoot, root));
        require(sum == a.total, IPartnerPrograms.TotalDiffersFromBatch(a.total, sum));
    }

    function _spendable(ProgramsState.CampaignState memory s) private view returns (uint256) {
        bool pending = s.withdrawableAt != 0 && block.timestamp < s.withdrawableAt + Limits.WITHDRAWAL_WINDOW;
        if (!pending) return s.available;
        return s.available > s.withdrawalAmount ? s.available - s.withdrawalAmount : 0;
    }

    function _attesters(
        bytes32 campaignId,
        ProgramsState.CampaignState memory s
    ) private view returns (uint16 index, address[] memory members, uint8 threshold) {
        index = s.attesterSet;
        (members, threshold, ) = programs.attesterSet(campaignId, index);
        if (!s.attestersAnnounced) return (index, members, threshold);
        (address[] memory next, uint8 nextThreshold, uint40 effectiveAt) = programs.attesterSet(campaignId, index + 1);
        if (block.timestamp >= effectiveAt) return (index + 1, next, nextThreshold);
    }

    function _dailyLimit(ProgramsState.CampaignState memory s) private view returns (uint256) {
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
