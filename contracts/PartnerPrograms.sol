// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import { IPartnerPrograms } from "./interfaces/IPartnerPrograms.sol";
import { Commission } from "./libraries/Commission.sol";
import { Limits } from "./libraries/Limits.sol";
import { LineTree } from "./libraries/LineTree.sol";
import { Notice } from "./libraries/Notice.sol";
import { Quorum } from "./libraries/Quorum.sol";
import { ReleasedLines } from "./libraries/ReleasedLines.sol";
import { StructHash } from "./libraries/StructHash.sol";
import { Tokens } from "./libraries/Tokens.sol";
import { Line } from "./types/Line.sol";

/// @title PartnerPrograms
/// @notice See {IPartnerPrograms}, which holds the documentation of every function.
/// @dev What holds at all times, each sentence an invariant test:
/// - of every token the contract holds at least what is available, reserved and credited in it;
/// - a credit falls only by paying its owner, or whom its owner names;
/// - a conversion number is attested once, and none is left out;
/// - a campaign never attests, net of reversals and with fees, more than it was funded with;
/// - nothing that a brand, an attester or a stranger does lowers a credit, delays a release, or makes a line unreleasable.
///
/// Every function reads in one order: who and what, checks, effects, event, interaction.
contract PartnerPrograms is IPartnerPrograms, EIP712, ReentrancyGuardTransient {
    using Commission for Commission.Sum;
    using Notice for uint32;
    using Notice for uint40;
    using Quorum for Quorum.Set;
    using ReleasedLines for ReleasedLines.Batch;
    using ReleasedLines for uint256[2];

    /// @dev A campaign is kept apart from all others by accounting: `available` and `reserved` are its own.
    struct Campaign {
        Terms terms;
        CampaignState state;
        mapping(uint256 offerId => Offer) offers;
        mapping(bytes32 eventAndKind => uint256 offerId) latestOffer;
        mapping(uint256 index => Quorum.Set) attesterSets;
        mapping(address partner => Kinds) kinds;
        mapping(bytes32 attestation => ReleasedLines.Batch) batches;
    }

    /// @dev Conversions counted over the lines of an attestation.
    struct Tally {
        uint256 all;
        uint256 ofOffer;
    }

    /// @dev Set in a credit's slot from its first use on: a slot that never returns to zero costs the next release a quarter.
    uint256 private constant USED = 1 << 255;

    mapping(bytes32 campaignId => Campaign) private _campaigns;
    mapping(address token => mapping(address owner => uint256)) private _credits;
    mapping(address owner => uint256) public nonces;
    mapping(address owner => bool) public payOutOptedOut;

    constructor() EIP712("PartnerPrograms", "1") {}

    // --------------------------------------------------------------------------------- the brand: a campaign

    /// @inheritdoc IPartnerPrograms
    function createCampaign(NewCampaign calldata given) external returns (bytes32 campaignId) {
        Terms memory terms = given.terms;
        campaignId = keccak256(abi.encode(block.chainid, address(this), msg.sender, given.salt, terms));
        Campaign storage c = _campaigns[campaignId];
        require(c.state.brand == address(0), CampaignExists(campaignId));
        _checkTerms(terms);

        c.terms = terms;
        c.state.brand = msg.sender;
        c.state.nextConversion = 1;
        if (given.dailyLimit != Limits.NO_LIMIT) {
            c.state.limited = true;
            c.state.dailyLimit = given.dailyLimit;
        }
        emit CampaignCreated(campaignId, msg.sender, terms.token, given.salt, terms);
        emit DailyLimitAnnounced(campaignId, given.dailyLimit, block.timestamp);
        emit DescriptionAnnounced(campaignId, given.descriptionHash, given.descriptionUri, block.timestamp);
        _setAttesters(campaignId, c, 0, given.threshold, given.attesters, uint40(block.timestamp));
        for (uint256 i; i < given.offers.length; ++i) {
            _appendOffer(campaignId, c, given.offers[i]);
        }
    }

    /// @inheritdoc IPartnerPrograms
    function appendOffer(bytes32 campaignId, Offer calldata newOffer) external returns (uint256 offerId) {
        return _appendOffer(campaignId, _ofBrand(campaignId), newOffer);
    }

    /// @inheritdoc IPartnerPrograms
    function retireOffer(bytes32 campaignId, uint256 offerId) external returns (uint256 effectiveAt) {
        Campaign storage c = _ofBrand(campaignId);
        Offer storage o = _offer(campaignId, c, offerId);
        effectiveAt = Notice.later(c.terms.noticeSeconds.effectiveAt(0), o.lockedUntil);
        require(effectiveAt < o.validTo, OfferEndsAlready(offerId, o.validTo, effectiveAt));

        o.validTo = uint40(effectiveAt);
        emit OfferRetirementAnnounced(campaignId, offerId, effectiveAt);
    }

    /// @inheritdoc IPartnerPrograms
    function announceAttesters(
        bytes32 campaignId,
        uint8 threshold,
        address[] calldata members
    ) external returns (uint256 effectiveAt) {
        Campaign storage c = _ofBrand(campaignId);
        uint16 current = _attesterSet(c);
        uint40 effective = c.terms.noticeSeconds.effectiveAt(0);

        c.state.attesterSet = current;
        c.state.attestersAnnounced = true;
        _setAttesters(campaignId, c, current + 1, threshold, members, effective);
        return effective;
    }

    /// @inheritdoc IPartnerPrograms
    function setKinds(
        bytes32 campaignId,
        address[] calldata partners,
        uint16 mask
    ) external returns (uint256 effectiveAt) {
        Campaign storage c = _ofBrand(campaignId);
        c.state.kindsListed = true;
        for (uint256 i; i < partners.length; ++i) {
            effectiveAt = Notice.later(effectiveAt, _setKinds(campaignId, c, partners[i], mask));
        }
    }

    /// @inheritdoc IPartnerPrograms
    function setDailyLimit(bytes32 campaignId, uint128 newLimit) external returns (uint256 effectiveAt) {
        Campaign storage c = _ofBrand(campaignId);
        uint128 current = _dailyLimit(c);
        uint40 effective = uint40(block.timestamp);

        c.state.limited = true;
        if (newLimit >= current) {
            c.state.dailyLimit = newLimit;
            c.state.nextDailyLimitAt = 0;
        } else {
            effective = c.terms.noticeSeconds.effectiveAt(0);
            c.state.dailyLimit = current;
            c.state.nextDailyLimit = newLimit;
            c.state.nextDailyLimitAt = effective;
        }
        emit DailyLimitAnnounced(campaignId, newLimit, effective);
        return effective;
    }

    /// @inheritdoc IPartnerPrograms
    function announceDescription(
        bytes32 campaignId,
        bytes32 contentHash,
        string calldata uri
    ) external returns (uint256 effectiveAt) {
        // Nothing on-chain depends on the description, so the event is all there is of it.
        effectiveAt = _ofBrand(campaignId).terms.noticeSeconds.effectiveAt(0);
        emit DescriptionAnnounced(campaignId, contentHash, uri, effectiveAt);
    }

    /// @inheritdoc IPartnerPrograms
    function suspend(bytes32 campaignId) external returns (uint256 suspendedUntil) {
        Campaign storage c = _ofBrand(campaignId);
        uint32 notice = c.terms.noticeSeconds;
        uint256 last = c.state.suspendedUntil;
        require(last == 0 || block.timestamp >= last + notice, SuspensionTooSoon(block.timestamp, last + notice));

        suspendedUntil = block.timestamp + notice;
        c.state.suspendedUntil = uint40(suspendedUntil);
        c.state.withdrawableAt = c.state.withdrawableAt.defer(block.timestamp, notice);
        c.state.closesAt = c.state.closesAt.defer(block.timestamp, notice);
        c.state.finalAt = c.state.finalAt.defer(block.timestamp, notice);
        emit Suspended(campaignId, suspendedUntil);
    }

    /// @inheritdoc IPartnerPrograms
    function resume(bytes32 campaignId) external {
        Campaign storage c = _ofBrand(campaignId);
        uint256 until = c.state.suspendedUntil;
        require(block.timestamp < until, NotSuspended(campaignId));
        uint256 saved = until - block.timestamp;

        // A countdown that was running ends after the suspension would have; one that was over ended before it began.
        c.state.suspendedUntil = uint40(block.timestamp);
        c.state.withdrawableAt = c.state.withdrawableAt.advance(until, saved);
        c.state.closesAt = c.state.closesAt.advance(until, saved);
        c.state.finalAt = c.state.finalAt.advance(until, saved);
        emit Resumed(campaignId);
    }

    /// @inheritdoc IPartnerPrograms
    function closeCampaign(bytes32 campaignId) external returns (uint256 effectiveAt) {
        Campaign storage c = _ofBrand(campaignId);
        require(c.state.closesAt == 0, ClosingAlready(campaignId, c.state.closesAt));
        uint32 notice = c.terms.noticeSeconds;
        effectiveAt = Notice.later(notice.effectiveAt(c.state.suspendedUntil), c.state.lockedUntil);

        c.state.closesAt = uint40(effectiveAt);
        c.state.finalAt = uint40(effectiveAt + notice);
        emit ClosingAnnounced(campaignId, effectiveAt + notice, effectiveAt);
    }

    /// @inheritdoc IPartnerPrograms
    function transferCampaign(bytes32 campaignId, address newBrand) external {
        _ofBrand(campaignId).state.pendingBrand = newBrand;
        emit BrandTransferStarted(campaignId, msg.sender, newBrand);
    }

    /// @inheritdoc IPartnerPrograms
    function acceptCampaign(bytes32 campaignId) external {
        Campaign storage c = _campaign(campaignId);
        require(msg.sender == c.state.pendingBrand, NotPendingBrand(msg.sender, c.state.pendingBrand));

        address previous = c.state.brand;
        c.state.brand = msg.sender;
        c.state.pendingBrand = address(0);
        emit BrandTransferred(campaignId, previous, msg.sender);
    }

    // ------------------------------------------------------------------------------------------------- budget

    /// @inheritdoc IPartnerPrograms
    function fund(bytes32 campaignId, uint256 amount) external payable nonReentrant {
        _fund(campaignId, amount);
    }

    /// @inheritdoc IPartnerPrograms
    function fundWithPermit(
        bytes32 campaignId,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        address token = _campaign(campaignId).terms.token;
        // A failure is passed over: if somebody else used the permit before, the allowance is there and the transfer
        // succeeds; if it is not there, the transfer says so.
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _fund(campaignId, amount);
    }

    /// @inheritdoc IPartnerPrograms
    function announceWithdrawal(bytes32 campaignId, uint128 amount) external returns (uint256 effectiveAt) {
        Campaign storage c = _ofBrand(campaignId);
        require(amount != 0, ZeroAmount());
        uint40 pending = c.state.withdrawableAt;
        require(
            pending == 0 || block.timestamp >= pending + Limits.WITHDRAWAL_WINDOW,
            WithdrawalPending(campaignId, pending)
        );
        uint40 effective = c.terms.noticeSeconds.effectiveAt(c.state.suspendedUntil);

        c.state.withdrawalAmount = amount;
        c.state.withdrawableAt = effective;
        emit WithdrawalAnnounced(campaignId, amount, effective);
        return effective;
    }

    /// @inheritdoc IPartnerPrograms
    function cancelWithdrawal(bytes32 campaignId) external {
        Campaign storage c = _ofBrand(campaignId);
        require(c.state.withdrawableAt != 0, NoWithdrawal(campaignId));

        _clearWithdrawal(c);
        emit WithdrawalCancelled(campaignId);
    }

    /// @inheritdoc IPartnerPrograms
    function withdraw(bytes32 campaignId, address receiver) external nonReentrant returns (uint256 amount) {
        Campaign storage c = _ofBrand(campaignId);
        require(receiver != address(0), ZeroAddress());
        uint128 available = c.state.available;
        if (c.state.finalAt != 0 && block.timestamp >= c.state.finalAt) {
            amount = available;
        } else {
            uint256 from = c.state.withdrawableAt;
            require(from != 0, NoWithdrawal(campaignId));
            require(block.timestamp >= from, WithdrawalNotMature(block.timestamp, from));
            uint256 until = from + Limits.WITHDRAWAL_WINDOW;
            require(block.timestamp < until, WithdrawalLapsed(block.timestamp, until));
            amount = c.state.withdrawalAmount < available ? c.state.withdrawalAmount : available;
        }
        require(amount != 0, ZeroAmount());

        c.state.available = available - uint128(amount);
        _clearWithdrawal(c);
        emit Withdrawn(campaignId, receiver, amount);
        Tokens.send(c.terms.token, receiver, amount);
    }

    // -------------------------------------------------------------------------------- from conversion to credit

    /// @inheritdoc IPartnerPrograms
    function attest(Attestation calldata a, Signature[] calldata signatures) external returns (bytes32 attestation) {
        Campaign storage c = _campaign(a.campaignId);
        _checkTime(c, a);
        Commission.Sum memory sum = _checkLines(c, a);
        uint256 required = sum.commission + sum.fee;
        require(required <= c.state.available, InsufficientBudget(a.campaignId, required, c.state.available));
        if (c.state.limited) _checkDailyLimit(a.campaignId, c, required);
        attestation = _hashTypedDataV4(StructHash.ofAttestation(a));
        uint16 setIndex = _attesterSet(c);
        c.attesterSets[setIndex].check(attestation, signatures);

        // `required` is at most `available`, so it fits.
        c.state.nextConversion = a.firstConversion + a.conversions;
        c.state.available -= uint128(required);
        if (c.state.limited) _spendToday(c, uint128(required));
        uint256 releaseAt = block.timestamp + c.terms.holdSeconds;
        if (releaseAt == block.timestamp) _creditNow(c, a.lines, sum.fee);
        else _hold(c, a.lines, attestation, setIndex, uint128(required), uint40(releaseAt));
        emit Attested(a.campaignId, attestation, setIndex, sum.commission, sum.fee, releaseAt, a);
    }

    /// @inheritdoc IPartnerPrograms
    function reverse(
        Reversal calldata reversal,
        LineProof[] calldata current,
        Signature[] calldata signatures
    ) external returns (uint256 returned) {
        Campaign storage c = _campaign(reversal.campaignId);
        ReleasedLines.Batch storage b = _batch(reversal.campaignId, c, reversal.attestation);
        require(block.timestamp < b.releaseAt, HoldOver(block.timestamp, b.releaseAt));
        c.attesterSets[b.attesterSet].check(_hashTypedDataV4(StructHash.ofReversal(reversal)), signatures);

        (Commission.Sum memory sum, Line[] memory lowered) = _lower(c, b, reversal.targets, current);
        returned = sum.commission + sum.fee;
        // What comes back is part of what was reserved from `available`, so it fits.
        c.state.reserved -= uint128(returned);
        c.state.available += uint128(returned);
        emit Reversed(reversal.campaignId, reversal.attestation, reversal.reasonHash, sum.commission, sum.fee, lowered);
    }

    /// @inheritdoc IPartnerPrograms
    function release(
        bytes32 campaignId,
        bytes32 attestation,
        Line[] calldata lines,
        uint16[] calldata indices
    ) external returns (uint256 commission) {
        Campaign storage c = _campaign(campaignId);
        ReleasedLines.Batch storage b = _releasable(campaignId, c, attestation);
        require(lines.length == b.lineCount, InvalidLineCount(lines.length, b.lineCount));
        bytes32 root = LineTree.root(lines);
        require(root == b.linesRoot, LinesDifferFromBatch(b.linesRoot, root));

        (Commission.Sum memory sum, uint256[2] memory added) = _creditLines(c, b.load(), lines, indices);
        _settle(c, b, added, sum.commission, sum.fee);
        emit Released(campaignId, attestation, sum.commission, sum.fee, added);
        return sum.commission;
    }

    /// @inheritdoc IPartnerPrograms
    function pull(
        bytes32 campaignId,
        bytes32 attestation,
        LineProof calldata proven
    ) external nonReentrant returns (uint256 commission) {
        Campaign storage c = _campaign(campaignId);
        ReleasedLines.Batch storage b = _releasable(campaignId, c, attestation);
        Line line = proven.line;
        _checkProof(b, b.linesRoot, proven);
        require(!b.load().has(proven.index), LineReleasedAlready(attestation, proven.index));
        require(msg.sender == line.partner() || !payOutOptedOut[line.partner()], OptedOut(line.partner()));

        uint256 fee;
        (commission, fee) = Commission.ofLineDown(line, _rate(c, line.offerId()));
        uint256[2] memory added;
        added.mark(proven.index);
        _settle(c, b, added, commission, fee);
        emit Pulled(campaignId, attestation, line.partner(), proven.index, commission, fee);
        if (commission != 0) Tokens.send(c.terms.token, line.partner(), commission);
    }

    // ------------------------------------------------------------------------------------------------- claims

    /// @inheritdoc IPartnerPrograms
    function claim(address[] calldata tokens, address receiver) external nonReentrant {
        _pay(msg.sender, tokens, receiver);
    }

    /// @inheritdoc IPartnerPrograms
    function claimFor(ClaimOrder calldata order, bytes calldata signature) external nonReentrant {
        require(block.timestamp <= order.deadline, DeadlinePassed(order.deadline, block.timestamp));
        uint256 nonce = nonces[order.owner];
        require(order.nonce == nonce, WrongNonce(order.owner, nonce, order.nonce));
        bytes32 digest = _hashTypedDataV4(StructHash.ofClaim(order));
        require(Quorum.isSignedBy(order.owner, digest, signature), InvalidSignature(order.owner, digest));

        nonces[order.owner] = nonce + 1;
        _pay(order.owner, order.tokens, order.receiver);
    }

    /// @inheritdoc IPartnerPrograms
    function payOut(address owner, address[] calldata tokens) external nonReentrant {
        require(msg.sender == owner || !payOutOptedOut[owner], OptedOut(owner));
        _pay(owner, tokens, owner);
    }

    /// @inheritdoc IPartnerPrograms
    function setPayOutOptOut(bool optedOut) external {
        payOutOptedOut[msg.sender] = optedOut;
        emit PayOutOptedOut(msg.sender, optedOut);
    }

    // -------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IPartnerPrograms
    function termsOf(bytes32 campaignId) external view returns (Terms memory) {
        return _campaign(campaignId).terms;
    }

    /// @inheritdoc IPartnerPrograms
    function campaign(bytes32 campaignId) external view returns (CampaignState memory) {
        return _campaign(campaignId).state;
    }

    /// @inheritdoc IPartnerPrograms
    function offer(bytes32 campaignId, uint256 offerId) external view returns (Offer memory) {
        return _offer(campaignId, _campaign(campaignId), offerId);
    }

    /// @inheritdoc IPartnerPrograms
    function attesterSet(
        bytes32 campaignId,
        uint256 index
    ) external view returns (address[] memory members, uint8 threshold, uint40 effectiveAt) {
        Quorum.Set storage set = _campaign(campaignId).attesterSets[index];
        members = new address[](set.size);
        for (uint256 i; i < members.length; ++i) {
            members[i] = set.member(i);
        }
        return (members, set.threshold, set.effectiveAt);
    }

    /// @inheritdoc IPartnerPrograms
    function kindsOf(bytes32 campaignId, address partner) external view returns (Kinds memory) {
        return _campaign(campaignId).kinds[partner];
    }

    /// @inheritdoc IPartnerPrograms
    function batch(bytes32 campaignId, bytes32 attestation) external view returns (BatchState memory) {
        ReleasedLines.Batch storage b = _campaign(campaignId).batches[attestation];
        return BatchState(b.linesRoot, b.releaseAt, b.lineCount, b.attesterSet, b.load());
    }

    /// @inheritdoc IPartnerPrograms
    function creditOf(address owner, address token) external view returns (uint256) {
        return _credits[token][owner] & ~USED;
    }

    // ----------------------------------------------------------------------------------------- private: find

    function _campaign(bytes32 campaignId) private view returns (Campaign storage c) {
        c = _campaigns[campaignId];
        // The notice is never zero, and its slot is one that every path reads anyway.
        require(c.terms.noticeSeconds != 0, UnknownCampaign(campaignId));
    }

    function _ofBrand(bytes32 campaignId) private view returns (Campaign storage c) {
        c = _campaign(campaignId);
        require(msg.sender == c.state.brand, NotBrand(msg.sender, c.state.brand));
    }

    function _offer(bytes32 campaignId, Campaign storage c, uint256 offerId) private view returns (Offer storage o) {
        o = c.offers[offerId];
        require(o.validTo != 0, UnknownOffer(campaignId, offerId));
    }

    function _batch(
        bytes32 campaignId,
        Campaign storage c,
        bytes32 attestation
    ) private view returns (ReleasedLines.Batch storage b) {
        b = c.batches[attestation];
        require(b.releaseAt != 0, UnknownBatch(campaignId, attestation));
    }

    function _releasable(
        bytes32 campaignId,
        Campaign storage c,
        bytes32 attestation
    ) private view returns (ReleasedLines.Batch storage b) {
        b = _batch(campaignId, c, attestation);
        require(block.timestamp >= b.releaseAt, HoldNotOver(block.timestamp, b.releaseAt));
    }

    /// @dev The set in force now: an announced one takes over at its time without a transaction.
    function _attesterSet(Campaign storage c) private view returns (uint16 index) {
        index = c.state.attesterSet;
        if (c.state.attestersAnnounced && block.timestamp >= c.attesterSets[index + 1].effectiveAt) ++index;
    }

    function _spentToday(Campaign storage c) private view returns (uint128) {
        return c.state.spentOnDay == block.timestamp / 1 days ? c.state.spent : 0;
    }

    function _dailyLimit(Campaign storage c) private view returns (uint128) {
        if (!c.state.limited) return Limits.NO_LIMIT;
        uint40 nextAt = c.state.nextDailyLimitAt;
        return nextAt != 0 && block.timestamp >= nextAt ? c.state.nextDailyLimit : c.state.dailyLimit;
    }

    function _rate(Campaign storage c, uint16 offerId) private view returns (Commission.Rate memory) {
        Offer storage o = c.offers[offerId];
        return Commission.Rate(o.flat, o.rateBps, o.capUnits, 10 ** c.terms.unitExponent, c.terms.feeBps);
    }

    /// @dev Kinds under which `partner` can be paid for a period that ended at `periodTo`.
    function _payableKinds(Campaign storage c, address partner, uint40 periodTo) private view returns (uint16 mask) {
        Kinds storage k = c.kinds[partner];
        if (!k.listed) return c.terms.openKinds;
        mask = k.mask;
        if (periodTo <= k.effectiveAt) mask |= k.previousMask;
    }

    // ---------------------------------------------------------------------------------------- private: check

    function _checkTerms(Terms memory terms) private view {
        require(terms.token == Tokens.NATIVE || terms.token.code.length != 0, InvalidToken(terms.token));
        uint256 shortest = Notice.later(Limits.SHORTEST_NOTICE, terms.holdSeconds);
        require(
            terms.noticeSeconds >= shortest && terms.noticeSeconds <= Limits.LONGEST_NOTICE,
            InvalidNotice(terms.noticeSeconds, shortest, Limits.LONGEST_NOTICE)
        );
        require(terms.feeBps <= Limits.MAX_FEE_BPS, FeeTooHigh(terms.feeBps, Limits.MAX_FEE_BPS));
        require(
            (terms.feeBps == 0) == (terms.operator == address(0)),
            FeeWithoutOperator(terms.feeBps, terms.operator)
        );
        require(
            terms.unitExponent <= Limits.MAX_UNIT_EXPONENT,
            UnitTooLarge(terms.unitExponent, Limits.MAX_UNIT_EXPONENT)
        );
    }

    function _checkTime(Campaign storage c, Attestation calldata a) private view {
        require(
            a.firstConversion == c.state.nextConversion,
            ConversionOutOfOrder(a.campaignId, c.state.nextConversion, a.firstConversion)
        );
        require(block.timestamp <= a.deadline, DeadlinePassed(a.deadline, block.timestamp));
        require(
            a.periodFrom < a.periodTo && a.periodTo <= block.timestamp,
            InvalidPeriod(a.periodFrom, a.periodTo, block.timestamp)
        );
        uint256 notice = c.terms.noticeSeconds;
        require(a.periodTo + notice >= block.timestamp, PeriodTooOld(a.periodTo, block.timestamp - notice));
        require(block.timestamp >= c.state.suspendedUntil, CampaignSuspended(a.campaignId, c.state.suspendedUntil));
        uint40 closesAt = c.state.closesAt;
        // Before `closesAt` no period ends after it, because no period ends in the future.
        require(
            closesAt == 0 || (a.periodTo <= closesAt && block.timestamp < c.state.finalAt),
            CampaignClosed(a.campaignId, closesAt)
        );
    }

    /// @dev Checks every line and prices the batch. Kinds are read only once the campaign has listed somebody.
    function _checkLines(Campaign storage c, Attestation calldata a) private view returns (Commission.Sum memory sum) {
        require(
            a.lines.length != 0 && a.lines.length <= Limits.MAX_LINES,
            InvalidLineCount(a.lines.length, Limits.MAX_LINES)
        );
        bool kindsListed = c.state.kindsListed;
        Tally memory tally;
        Commission.Rate memory rate;
        Offer storage o = c.offers[0];
        Line previous;
        for (uint256 i; i < a.lines.length; ++i) {
            Line line = a.lines[i];
            require(line.key() > previous.key(), LinesNotAscending(i, previous, line));
            require(line.partner() != address(0), PartnerIsZero(i));
            if (i == 0 || line.offerId() != previous.offerId()) {
                o = _checkOffer(c, a, line);
                rate = _rate(c, line.offerId());
                tally.ofOffer = 0;
            } else if (kindsListed) {
                _checkKind(c, a.periodTo, line.partner(), o.kind);
            }
            uint256 mostUnits = line.count() * rate.capUnits;
            require(line.volumeUnits() <= mostUnits, VolumeExceedsCap(i, line.volumeUnits(), mostUnits));
            _count(tally, line, a.conversions);
            sum.add(line, rate);
            previous = line;
        }
        require(a.conversions <= tally.all, ConversionsExceedCounts(a.conversions, tally.all));
    }

    /// @dev One conversion counts at most once under one offer, and at least once under some offer.
    function _count(Tally memory tally, Line line, uint256 conversions) private pure {
        tally.ofOffer += line.count();
        tally.all += line.count();
        require(tally.ofOffer <= conversions, CountsExceedConversions(line.offerId(), tally.ofOffer, conversions));
    }

    /// @dev For the first line under an offer. Without a list all its lines have the same kinds, and this checks them all.
    function _checkOffer(Campaign storage c, Attestation calldata a, Line line) private view returns (Offer storage o) {
        o = _offer(a.campaignId, c, line.offerId());
        require(
            a.periodFrom >= o.validFrom && a.periodTo <= o.validTo,
            PeriodOutsideOffer(line.offerId(), o.validFrom, o.validTo)
        );
        _checkKind(c, a.periodTo, line.partner(), o.kind);
    }

    function _checkKind(Campaign storage c, uint40 periodTo, address partner, uint8 kind) private view {
        uint16 mask = c.state.kindsListed ? _payableKinds(c, partner, periodTo) : c.terms.openKinds;
        require(mask & (1 << kind) != 0, KindNotPayable(partner, mask, kind));
    }

    function _checkDailyLimit(bytes32 campaignId, Campaign storage c, uint256 amount) private view {
        uint128 limit = _dailyLimit(c);
        uint128 spent = _spentToday(c);
        // A limit that was lowered during the day may be below what was spent.
        uint256 remaining = limit > spent ? limit - spent : 0;
        require(amount <= remaining, DailyLimitExceeded(campaignId, amount, remaining));
    }

    function _checkProof(ReleasedLines.Batch storage b, bytes32 root, LineProof calldata proven) private view {
        require(proven.index < b.lineCount, UnknownLine(proven.index, b.lineCount));
        bytes32 given = LineTree.rootOf(proven.index, proven.line, proven.proof);
        require(given == root, LinesDifferFromBatch(root, given));
    }

    // --------------------------------------------------------------------------------------- private: effects

    function _appendOffer(
        bytes32 campaignId,
        Campaign storage c,
        Offer calldata given
    ) private returns (uint256 offerId) {
        Offer memory o = given;
        require(o.kind < 16, InvalidKind(o.kind));
        require(o.rateBps <= Commission.BPS, RateTooHigh(o.rateBps, Commission.BPS));
        require(o.flat != 0 || (o.rateBps != 0 && o.capUnits != 0), OfferPaysNothing(o.eventName, o.kind));
        if (o.validFrom == 0) o.validFrom = uint40(block.timestamp);
        if (o.validTo == 0) o.validTo = type(uint40).max;
        require(o.validFrom >= block.timestamp, OfferStartsInPast(o.validFrom, block.timestamp));
        uint256 notBefore = Notice.later(o.validFrom + 1, o.lockedUntil);
        require(o.validTo >= notBefore, OfferEndsTooEarly(o.validTo, notBefore));
        // Offers of one event and kind follow each other in time, so comparing with the last is comparing with all.
        bytes32 eventAndKind = bytes32(o.eventName) | bytes32(uint256(o.kind));
        uint256 last = c.latestOffer[eventAndKind];
        if (last != 0) {
            uint40 lastEnds = c.offers[last].validTo;
            require(o.validFrom >= lastEnds, OfferOverlaps(last, lastEnds, o.validFrom));
        }

        offerId = ++c.state.offerCount;
        c.offers[offerId] = o;
        c.latestOffer[eventAndKind] = offerId;
        if (o.lockedUntil > c.state.lockedUntil) c.state.lockedUntil = o.lockedUntil;
        emit OfferAppended(campaignId, offerId, o);
    }

    function _setAttesters(
        bytes32 campaignId,
        Campaign storage c,
        uint16 index,
        uint8 threshold,
        address[] calldata members,
        uint40 effectiveAt
    ) private {
        c.attesterSets[index].write(threshold, members, effectiveAt);
        emit AttestersAnnounced(campaignId, index, threshold, members, effectiveAt);
    }

    function _setKinds(
        bytes32 campaignId,
        Campaign storage c,
        address partner,
        uint16 mask
    ) private returns (uint256 effectiveAt) {
        Kinds memory k = c.kinds[partner];
        uint16 taken = (k.listed ? k.mask : c.terms.openKinds) & ~mask;
        effectiveAt = block.timestamp;
        if (taken != 0) {
            // The kinds taken away before can still be attested until then.
            uint256 until = k.effectiveAt == 0 ? 0 : uint256(k.effectiveAt) + c.terms.noticeSeconds;
            require(block.timestamp >= until, KindsChangePending(partner, until));
            k.previousMask = taken;
            k.effectiveAt = c.terms.noticeSeconds.effectiveAt(0);
            effectiveAt = k.effectiveAt;
        }
        k.mask = mask;
        k.listed = true;
        c.kinds[partner] = k;
        emit KindsSet(campaignId, partner, mask, taken, effectiveAt);
    }

    function _fund(bytes32 campaignId, uint256 amount) private {
        Campaign storage c = _campaign(campaignId);
        require(amount != 0, ZeroAmount());
        require(
            c.state.closesAt == 0 || block.timestamp < c.state.closesAt,
            CampaignClosed(campaignId, c.state.closesAt)
        );
        uint256 total = c.state.available + amount;
        require(
            total <= type(uint128).max - c.state.reserved,
            BudgetTooLarge(total, type(uint128).max - c.state.reserved)
        );

        // Before the interaction; should the tokens not arrive, everything reverts.
        c.state.available = uint128(total);
        emit Funded(campaignId, msg.sender, amount);
        Tokens.take(c.terms.token, amount);
    }

    function _creditNow(Campaign storage c, Line[] calldata lines, uint256 fee) private {
        uint256[2] memory none;
        _creditLines(c, none, lines, new uint16[](0));
        _credit(c.terms.token, c.terms.operator, fee);
    }

    function _hold(
        Campaign storage c,
        Line[] calldata lines,
        bytes32 attestation,
        uint16 setIndex,
        uint128 amount,
        uint40 releaseAt
    ) private {
        c.state.reserved += amount;
        ReleasedLines.Batch storage b = c.batches[attestation];
        b.linesRoot = LineTree.root(lines);
        b.releaseAt = releaseAt;
        b.lineCount = uint16(lines.length);
        b.attesterSet = setIndex;
    }

    /// @dev Books released lines: marks them, takes them from what is reserved, credits the operator.
    function _settle(
        Campaign storage c,
        ReleasedLines.Batch storage b,
        uint256[2] memory added,
        uint256 commission,
        uint256 fee
    ) private {
        b.add(added);
        // Part of what was reserved, so it fits.
        c.state.reserved -= uint128(commission + fee);
        _credit(c.terms.token, c.terms.operator, fee);
    }

    function _clearWithdrawal(Campaign storage c) private {
        c.state.withdrawalAmount = 0;
        c.state.withdrawableAt = 0;
    }

    function _spendToday(Campaign storage c, uint128 amount) private {
        uint128 before = _spentToday(c);
        c.state.spent = before + amount;
        c.state.spentOnDay = uint32(block.timestamp / 1 days);
    }

    /// @dev Lowers lines of a batch and its root with them; returns by how much they are worth less.
    function _lower(
        Campaign storage c,
        ReleasedLines.Batch storage b,
        Line[] calldata targets,
        LineProof[] calldata current
    ) private returns (Commission.Sum memory sum, Line[] memory lowered) {
        uint256 count = targets.length;
        require(count != 0 && count == current.length, InvalidLineCount(current.length, count));
        bytes32 root = b.linesRoot;
        lowered = new Line[](count);
        for (uint256 i; i < count; ++i) {
            Line line = current[i].line;
            require(line.key() == targets[i].key(), TargetForOtherLine(i, targets[i], line));
            _checkProof(b, root, current[i]);
            lowered[i] = line.lowerTo(targets[i]);
            root = LineTree.rootOf(current[i].index, lowered[i], current[i].proof);
            sum.addLoss(line, lowered[i], _rate(c, line.offerId()));
        }
        b.linesRoot = root;
    }

    /// @dev Credits the partners of the lines at `indices` (all of them if there are none) that were not released before.
    function _creditLines(
        Campaign storage c,
        uint256[2] memory released,
        Line[] calldata lines,
        uint16[] memory indices
    ) private returns (Commission.Sum memory sum, uint256[2] memory added) {
        address token = c.terms.token;
        Commission.Rate memory rate;
        uint256 rateOf; // offers count from 1
        uint256 count = indices.length == 0 ? lines.length : indices.length;
        for (uint256 i; i < count; ++i) {
            uint256 index = indices.length == 0 ? i : indices[i];
            require(index < lines.length, UnknownLine(index, lines.length));
            if (released.has(index)) continue;
            released.mark(index);
            added.mark(index);
            Line line = lines[index];
            if (line.offerId() != rateOf) {
                rateOf = line.offerId();
                rate = _rate(c, line.offerId());
            }
            _credit(token, line.partner(), sum.add(line, rate));
        }
    }

    function _credit(address token, address owner, uint256 amount) private {
        // A line that was reversed to nothing would pay for a new slot.
        if (amount != 0) _credits[token][owner] = (_credits[token][owner] | USED) + amount;
    }

    /// @dev All credits are taken before anything is sent; the coin goes last, because its receiver may do anything.
    function _pay(address owner, address[] calldata tokens, address receiver) private {
        require(receiver != address(0), ZeroAddress());
        uint256[] memory amounts = new uint256[](tokens.length);
        uint256 native;
        bool any;
        for (uint256 i; i < tokens.length; ++i) {
            uint256 amount = _credits[tokens[i]][owner] & ~USED;
            if (amount == 0) continue;
            any = true;
            _credits[tokens[i]][owner] = USED;
            emit Claimed(owner, tokens[i], receiver, amount);
            if (tokens[i] == Tokens.NATIVE) native = amount;
            else amounts[i] = amount;
        }
        require(any, NothingToPay(owner));
        for (uint256 i; i < tokens.length; ++i) {
            if (amounts[i] != 0) Tokens.send(tokens[i], receiver, amounts[i]);
        }
        if (native != 0) Tokens.send(Tokens.NATIVE, receiver, native);
    }
}
