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

    /// @dev `used` is set from the first credit on: a slot that never returns to zero costs the next release a quarter.
    struct Credit {
        uint248 amount;
        bool used;
    }

    /// @dev Conversions counted over the lines of an attestation.
    struct Tally {
        uint256 conversions;
        uint256 all;
        uint256 ofOffer;
    }

    mapping(bytes32 campaignId => Campaign) private _campaigns;
    mapping(address token => mapping(address owner => Credit)) private _credits;
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
        c.state.unitExponent = terms.unitExponent;
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
        // One that has not begun ends where it would have begun: the next may begin there, and not before.
        effectiveAt = Notice.later(effectiveAt, o.validFrom);
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
        uint40 closesAt = c.state.closesAt;
        if (closesAt > until) {
            // Never to before a guarantee: a closing that waits for one was not prolonged by the suspension.
            uint256 earlier = Notice.later(closesAt - saved, c.state.lockedUntil);
            c.state.closesAt = uint40(earlier);
            c.state.finalAt = uint40(earlier + c.terms.noticeSeconds);
        } else {
            c.state.finalAt = c.state.finalAt.advance(until, saved);
        }
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
        require(token != Tokens.NATIVE, InvalidToken(token));
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
        (uint256 available, uint256 reserved) = _budget(c);
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

        _setBudget(c, available - amount, reserved);
        _clearWithdrawal(c);
        emit Withdrawn(campaignId, receiver, amount);
        Tokens.send(c.terms.token, receiver, amount);
    }

    // -------------------------------------------------------------------------------- from conversion to credit

    /// @inheritdoc IPartnerPrograms
    function attest(Attestation calldata a, Signature[] calldata signatures) external returns (bytes32 attestation) {
        Campaign storage c = _campaign(a.campaignId);
        Line[] calldata lines = a.lines;
        _checkNumber(c, a);
        _checkTime(c, a);
        Commission.Sum memory sum = _checkLines(c, a, lines);
        _checkBudget(c, a.campaignId, sum.total());
        attestation = _hashTypedDataV4(StructHash.ofAttestation(a, lines));
        uint16 setIndex = _attesterSet(c);
        c.attesterSets[setIndex].check(attestation, signatures);

        _book(c, a, lines, sum, attestation, setIndex);
    }

    /// @inheritdoc IPartnerPrograms
    function reverse(
        Reversal calldata reversal,
        LineProof[] calldata current,
        Signature[] calldata signatures
    ) external returns (uint256 returned) {
        Campaign storage c = _campaign(reversal.campaignId);
        (ReleasedLines.Batch storage b, uint256 releaseAt) = _batch(reversal.campaignId, c, reversal.attestation);
        require(block.timestamp < releaseAt, HoldOver(block.timestamp, releaseAt));
        c.attesterSets[b.attesterSet].check(_hashTypedDataV4(StructHash.ofReversal(reversal)), signatures);

        (Commission.Sum memory sum, Line[] memory lowered) = _lower(c, b, reversal.targets, current);
        returned = sum.total();
        (uint256 available, uint256 reserved) = _budget(c);
        _setBudget(c, available + returned, reserved - returned);
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
        uint256 lineCount = b.lineCount;
        require(lines.length == lineCount, InvalidLineCount(lines.length, lineCount));
        bytes32 stored = b.linesRoot;
        bytes32 root = LineTree.root(lines);
        require(root == stored, LinesDifferFromBatch(stored, root));

        uint256[2] memory added = b.due();
        if (indices.length != 0) added.keepOnly(indices, lineCount);
        Commission.Sum memory sum = _creditLines(c, lines, added);
        b.release(added);
        _unreserve(c, sum.total());
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
        require(b.isDue(proven.index), LineReleasedAlready(attestation, proven.index));
        require(msg.sender == line.partner() || !payOutOptedOut[line.partner()], OptedOut(line.partner()));

        uint256 fee;
        (commission, fee) = Commission.ofLineDown(line, _rate(c, line.offerId()));
        b.releaseOne(proven.index);
        _unreserve(c, commission + fee);
        _credit(_credits[c.terms.token][c.terms.operator], fee);
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
        return BatchState(b.linesRoot, b.releaseAt, b.lineCount, b.attesterSet, b.released());
    }

    /// @inheritdoc IPartnerPrograms
    function creditOf(address owner, address token) external view returns (uint256) {
        return _credits[token][owner].amount;
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
    ) private view returns (ReleasedLines.Batch storage b, uint256 releaseAt) {
        b = c.batches[attestation];
        releaseAt = b.releaseAt;
        require(releaseAt != 0, UnknownBatch(campaignId, attestation));
    }

    function _releasable(
        bytes32 campaignId,
        Campaign storage c,
        bytes32 attestation
    ) private view returns (ReleasedLines.Batch storage b) {
        uint256 releaseAt;
        (b, releaseAt) = _batch(campaignId, c, attestation);
        require(block.timestamp >= releaseAt, HoldNotOver(block.timestamp, releaseAt));
    }

    /// @dev Both amounts share a slot: they are read together, and written together by `_setBudget`.
    function _budget(Campaign storage c) private view returns (uint256 available, uint256 reserved) {
        return (c.state.available, c.state.reserved);
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

    /// @dev What of a rate is the campaign's. The exponent is given, because it stands in two slots: the caller takes it from
    /// the one that it reads anyway.
    function _newRate(Campaign storage c, uint8 unitExponent) private view returns (Commission.Rate memory rate) {
        unchecked {
            rate.unit = 10 ** unitExponent; // at most 24
        }
        rate.feeBps = c.terms.feeBps;
    }

    /// @dev What of a rate is the offer's, into memory that is there: a loop over lines needs one rate at a time.
    function _loadOffer(
        Commission.Rate memory rate,
        Campaign storage c,
        uint16 offerId
    ) private view returns (Offer storage o) {
        o = c.offers[offerId];
        (rate.flatAmount, rate.rateBps, rate.capUnits) = (o.flatAmount, o.rateBps, o.capUnits);
    }

    /// @dev The rate of a single line.
    function _rate(Campaign storage c, uint16 offerId) private view returns (Commission.Rate memory rate) {
        rate = _newRate(c, c.terms.unitExponent);
        _loadOffer(rate, c, offerId);
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

    function _checkNumber(Campaign storage c, Attestation calldata a) private view {
        uint256 next = c.state.nextConversion;
        uint256 given = a.firstConversion;
        require(given == next, ConversionOutOfOrder(a.campaignId, next, given));
        // Without one the number would not move, and the same attestation could be carried again.
        require(a.conversions != 0, NoConversions(a.campaignId));
    }

    /// @dev What an error mentions is read once, into a variable: its arguments are computed also when it is not raised.
    function _checkTime(Campaign storage c, Attestation calldata a) private view {
        uint256 deadline = a.deadline;
        require(block.timestamp <= deadline, DeadlinePassed(deadline, block.timestamp));
        uint256 from = a.periodFrom;
        uint256 to = a.periodTo;
        require(from < to && to <= block.timestamp, InvalidPeriod(from, to, block.timestamp));
        uint256 notice = c.terms.noticeSeconds;
        uint256 suspendedUntil = c.state.suspendedUntil;
        uint256 notBefore = block.timestamp - notice;
        // A suspension, which lasts one notice at most, does not make a period too old.
        if (block.timestamp < suspendedUntil + notice) notBefore -= notice;
        require(to >= notBefore, PeriodTooOld(to, notBefore));
        require(block.timestamp >= suspendedUntil, CampaignSuspended(a.campaignId, suspendedUntil));
        uint256 closesAt = c.state.closesAt;
        // Before `closesAt` no period ends after it, because no period ends in the future.
        require(
            closesAt == 0 || (to <= closesAt && block.timestamp < c.state.finalAt),
            CampaignClosed(a.campaignId, closesAt)
        );
    }

    /// @dev Checks every line and prices the batch. Kinds are read only once the campaign has listed somebody.
    function _checkLines(
        Campaign storage c,
        Attestation calldata a,
        Line[] calldata lines
    ) private view returns (Commission.Sum memory sum) {
        require(
            lines.length != 0 && lines.length <= Limits.MAX_LINES,
            InvalidLineCount(lines.length, Limits.MAX_LINES)
        );
        bool kindsListed = c.state.kindsListed;
        Tally memory tally;
        tally.conversions = a.conversions;
        Commission.Rate memory rate = _newRate(c, c.state.unitExponent);
        Line previous;
        for (uint256 i; i < lines.length; ++i) {
            Line line = lines[i];
            require(line.key() > previous.key(), LinesNotAscending(i, previous, line));
            require(line.partner() != address(0), PartnerIsZero(i));
            if (i == 0 || line.offerId() != previous.offerId()) {
                uint8 kind = _checkOffer(c, a, line.offerId(), rate);
                // Without a list all lines under an offer have the same kinds, and this checks them all.
                _checkKind(c, kindsListed, a.periodTo, line.partner(), kind);
                tally.ofOffer = 0;
            } else if (kindsListed) {
                _checkKind(c, true, a.periodTo, line.partner(), c.offers[line.offerId()].kind);
            }
            _checkNumbers(i, line, rate.capUnits, tally);
            sum.add(line, rate);
            previous = line;
        }
        require(tally.conversions <= tally.all, ConversionsExceedCounts(tally.conversions, tally.all));
    }

    /// @dev No conversion counts for more than the offer's cap; one conversion counts at most once under one offer, and at
    /// least once under some offer.
    function _checkNumbers(uint256 i, Line line, uint256 capUnits, Tally memory tally) private pure {
        // Cannot overflow: counts have 24 bits, caps 56, and lines are at most 512.
        unchecked {
            uint256 count = line.count();
            uint256 mostUnits = count * capUnits;
            require(line.volumeUnits() <= mostUnits, VolumeExceedsCap(i, line.volumeUnits(), mostUnits));
            tally.all += count;
            uint256 ofOffer = tally.ofOffer + count;
            tally.ofOffer = ofOffer;
            require(ofOffer <= tally.conversions, CountsExceedConversions(line.offerId(), ofOffer, tally.conversions));
        }
    }

    /// @dev Checks the offer against the period, and takes its rate.
    function _checkOffer(
        Campaign storage c,
        Attestation calldata a,
        uint16 offerId,
        Commission.Rate memory rate
    ) private view returns (uint8) {
        Offer storage o = _loadOffer(rate, c, offerId);
        (uint256 validFrom, uint256 validTo) = (o.validFrom, o.validTo);
        require(validTo != 0, UnknownOffer(a.campaignId, offerId));
        require(a.periodFrom >= validFrom && a.periodTo <= validTo, PeriodOutsideOffer(offerId, validFrom, validTo));
        return o.kind;
    }

    function _checkKind(
        Campaign storage c,
        bool kindsListed,
        uint40 periodTo,
        address partner,
        uint8 kind
    ) private view {
        uint16 mask = kindsListed ? _payableKinds(c, partner, periodTo) : c.terms.openKinds;
        require(mask & (1 << kind) != 0, KindNotPayable(partner, mask, kind));
    }

    function _checkBudget(Campaign storage c, bytes32 campaignId, uint256 required) private view {
        uint256 available = c.state.available;
        require(required <= available, InsufficientBudget(campaignId, required, available));
        if (!c.state.limited) return;
        uint256 limit = _dailyLimit(c);
        uint256 spent = _spentToday(c);
        // A limit that was lowered during the day may be below what was spent.
        uint256 remaining = limit > spent ? limit - spent : 0;
        require(required <= remaining, DailyLimitExceeded(campaignId, required, remaining));
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
        require(o.flatAmount != 0 || (o.rateBps != 0 && o.capUnits != 0), OfferPaysNothing(o.eventName, o.kind));
        if (o.validFrom == 0) o.validFrom = uint40(block.timestamp);
        if (o.validTo == 0) o.validTo = type(uint40).max;
        require(o.validFrom >= block.timestamp, OfferStartsInPast(o.validFrom, block.timestamp));
        uint256 notBefore = Notice.later(uint256(o.validFrom) + 1, o.lockedUntil);
        require(o.validTo >= notBefore, OfferEndsTooEarly(o.validTo, notBefore));
        // Closing and suspension add to it: bounded, so that no time that follows from it leaves its 40 bits.
        uint256 latest = block.timestamp + Limits.LONGEST_GUARANTEE;
        require(o.lockedUntil <= latest, GuaranteeTooLong(o.lockedUntil, latest));
        uint256 closesAt = c.state.closesAt;
        require(closesAt == 0 || o.lockedUntil <= closesAt, CampaignClosed(campaignId, closesAt));
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
            // The kinds taken away before can still be attested until then, also after a suspension.
            uint256 until =
                k.effectiveAt == 0 ? 0 : Notice.later(k.effectiveAt, c.state.suspendedUntil) + c.terms.noticeSeconds;
            require(block.timestamp >= until, KindsChangePending(partner, until));
            k.previousMask = taken;
            k.effectiveAt = c.terms.noticeSeconds.effectiveAt(0);
            effectiveAt = k.effectiveAt;
        }
        k.mask = mask;
        k.listed = true;
        c.kinds[partner] = k;
        emit KindsSet(campaignId, partner, mask, k.previousMask, k.effectiveAt);
    }

    function _fund(bytes32 campaignId, uint256 amount) private {
        Campaign storage c = _campaign(campaignId);
        require(amount != 0, ZeroAmount());
        require(
            c.state.closesAt == 0 || block.timestamp < c.state.closesAt,
            CampaignClosed(campaignId, c.state.closesAt)
        );
        (uint256 available, uint256 reserved) = _budget(c);
        uint256 most = type(uint128).max - available - reserved;
        require(amount <= most, BudgetTooLarge(amount, most));

        // Before the interaction; should the tokens not arrive, everything reverts.
        _setBudget(c, available + amount, reserved);
        emit Funded(campaignId, msg.sender, amount);
        Tokens.take(c.terms.token, amount);
    }

    /// @dev Books an attestation: takes it from what is available, and holds it or credits it at once.
    function _book(
        Campaign storage c,
        Attestation calldata a,
        Line[] calldata lines,
        Commission.Sum memory sum,
        bytes32 attestation,
        uint16 setIndex
    ) private {
        // At most what is available, so it fits.
        uint128 amount = uint128(sum.total());
        if (c.state.limited) _spendToday(c, amount);
        c.state.nextConversion += a.conversions;
        uint256 releaseAt = block.timestamp + c.terms.holdSeconds;
        if (releaseAt == block.timestamp) {
            (uint256 available, uint256 reserved) = _budget(c);
            _setBudget(c, available - amount, reserved);
            _creditLines(c, lines, ReleasedLines.all(lines.length));
        } else {
            _reserve(c, amount);
            bytes32 root = LineTree.root(lines);
            c.batches[attestation].open(root, uint40(releaseAt), lines.length, setIndex);
        }
        _emitAttested(a, lines, attestation, setIndex, sum, releaseAt);
    }

    /// @dev `emit Attested(a.campaignId, attestation, setIndex, sum.commission, sum.fee, releaseAt, a)`, written out: the seven
    /// words of `a` before its lines, all of which the checks have read and so found in range, and its lines are copied as
    /// they stand. Assembly, because the compiler's copying costs 660 gas an attestation and 79 a line more.
    function _emitAttested(
        Attestation calldata a,
        Line[] calldata lines,
        bytes32 attestation,
        uint256 setIndex,
        Commission.Sum memory sum,
        uint256 releaseAt
    ) private {
        bytes32 topic = Attested.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, mload(sum)) // commission
            mstore(add(data, 0x20), mload(add(sum, 0x20))) // fee
            mstore(add(data, 0x40), releaseAt)
            mstore(add(data, 0x60), 0x80) // where the body begins
            calldatacopy(add(data, 0x80), a, 0xe0)
            mstore(add(data, 0x160), 0x100) // where, in the body, the lines begin
            mstore(add(data, 0x180), lines.length)
            let size := shl(5, lines.length)
            calldatacopy(add(data, 0x1a0), lines.offset, size)
            log4(data, add(0x1a0, size), topic, calldataload(a), attestation, setIndex)
        }
    }

    function _reserve(Campaign storage c, uint256 amount) private {
        (uint256 available, uint256 reserved) = _budget(c);
        _setBudget(c, available - amount, reserved + amount);
    }

    function _unreserve(Campaign storage c, uint256 amount) private {
        (uint256 available, uint256 reserved) = _budget(c);
        _setBudget(c, available, reserved - amount);
    }

    /// @dev Together they are at most 2^128 - 1: `_fund` checks it, and all else only moves or lowers them. So each fits its half
    /// of the slot. Assembly, because the compiler writes one half after the other: 580 gas an attestation, 150 a release.
    function _setBudget(Campaign storage c, uint256 available, uint256 reserved) private {
        CampaignState storage state = c.state;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(state.slot, or(available, shl(128, reserved))) // the struct's first two fields
        }
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

    /// @dev Credits the partners of the marked lines, and the operator.
    function _creditLines(
        Campaign storage c,
        Line[] calldata lines,
        uint256[2] memory marks
    ) private returns (Commission.Sum memory sum) {
        mapping(address owner => Credit) storage credits = _credits[c.terms.token];
        Commission.Rate memory rate = _newRate(c, c.terms.unitExponent);
        uint256 rateOf; // offers count from 1
        for (uint256 i; i < lines.length; ++i) {
            if (!marks.has(i)) continue;
            Line line = lines[i];
            if (line.offerId() != rateOf) {
                rateOf = line.offerId();
                _loadOffer(rate, c, line.offerId());
            }
            _credit(credits[line.partner()], sum.add(line, rate));
        }
        _credit(credits[c.terms.operator], sum.fee);
    }

    function _credit(Credit storage credit, uint256 amount) private {
        // A line that was reversed to nothing would pay for a new slot.
        if (amount == 0) return;
        // A credit grows by less than 2^128, a campaign's budget: 2^120 of them fit.
        unchecked {
            credit.amount += uint248(amount);
        }
        credit.used = true;
    }

    /// @dev All credits are taken before anything is sent; the coin goes last, because its receiver may do anything.
    function _pay(address owner, address[] calldata tokens, address receiver) private {
        require(receiver != address(0), ZeroAddress());
        uint256[] memory amounts = new uint256[](tokens.length);
        uint256 native;
        bool any;
        for (uint256 i; i < tokens.length; ++i) {
            address token = tokens[i];
            Credit storage credit = _credits[token][owner];
            uint256 amount = credit.amount;
            if (amount == 0) continue;
            any = true;
            credit.amount = 0;
            emit Claimed(owner, token, receiver, amount);
            if (token == Tokens.NATIVE) native = amount;
            else amounts[i] = amount;
        }
        require(any, NothingToPay(owner));
        for (uint256 i; i < tokens.length; ++i) {
            uint256 amount = amounts[i];
            if (amount != 0) Tokens.send(tokens[i], receiver, amount);
        }
        if (native != 0) Tokens.send(Tokens.NATIVE, receiver, native);
    }
}
