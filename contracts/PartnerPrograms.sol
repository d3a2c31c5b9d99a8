// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { Hashes } from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import { IPartnerPrograms } from "./interfaces/IPartnerPrograms.sol";
import { Commission } from "./libraries/Commission.sol";
import { EventName } from "./libraries/EventName.sol";
import { Kinds } from "./libraries/Kinds.sol";
import { Limits } from "./libraries/Limits.sol";
import { LineTree } from "./libraries/LineTree.sol";
import { Notice } from "./libraries/Notice.sol";
import { Quorum } from "./libraries/Quorum.sol";
import { Rules } from "./libraries/Rules.sol";
import { StructHash } from "./libraries/StructHash.sol";
import { Tokens } from "./libraries/Tokens.sol";
import { Batch, BatchHead, BatchLib } from "./types/Batch.sol";
import { Campaign, StoredOffer } from "./types/Campaign.sol";
import { Line, LineLib } from "./types/Line.sol";
import { OfferTerms, OfferTermsLib } from "./types/OfferTerms.sol";
import { Payout } from "./types/Payout.sol";

/// @title PartnerPrograms
/// @notice See {IPartnerPrograms}, which holds the documentation of every function.
/// @dev What holds at all times, each sentence an invariant test:
/// - of every token the contract holds at least what is available, reserved and credited in it;
/// - a credit falls only by paying its owner, or whom its owner names;
/// - a conversion number is attested once, and none is left out;
/// - a batch never settles for more than its total, and a campaign never for more than it was funded with;
/// - nothing that a brand, an attester or a stranger does after the hold lowers a credit, delays a release, or makes a line that
///   held unpayable;
/// - no brand's calls move money out before a notice, but by attestation within the daily limit.
///
/// Every function reads in one order: who and what, checks, effects, event, interaction.
contract PartnerPrograms is IPartnerPrograms, EIP712, ReentrancyGuardTransient {
    using Kinds for Kinds.History;
    using LineTree for uint256[];
    using Notice for uint32;
    using Notice for uint40;
    using Quorum for Quorum.Set;
    using Rules for Rules.Facts;

    /// @dev From the first credit on it is the amount plus 1: a slot that never returns to zero costs the next release a quarter.
    struct Credit {
        uint256 onePlusAmount;
    }

    /// @dev What comes of lines that are settled.
    struct Outcome {
        uint256 commission;
        uint256 fee;
        /// What the lines that do not hold were worth.
        uint256 returned;
        /// How many lines were pulled.
        uint256 lines;
        /// The campaign's, where it is needed line by line.
        uint256 feeBps;
    }

    /// @dev What a campaign brings along for the price of a line.
    struct Prices {
        uint256 feeBps;
        /// Base units of a volume unit.
        uint256 unit;
        /// Kinds that every partner has; none once partners were listed.
        uint256 openKinds;
    }

    /// @dev A batch's tree while lines of it are lowered.
    struct Tree {
        bytes32 root;
        uint256 total;
        /// To both: what a reversal stores.
        bytes32 commitment;
        /// By how much the lines are worth less.
        uint256 returned;
    }

    mapping(bytes32 campaignId => Campaign) private _campaigns;
    mapping(bytes32 attestation => Batch) private _batches;
    mapping(address token => mapping(address owner => Credit)) private _credits;
    mapping(address owner => Payout) private _payouts;
    mapping(address owner => uint256) public nonces;

    constructor() EIP712("PartnerPrograms", "1") {}

    // --------------------------------------------------------------------------------- the brand: a campaign

    /// @inheritdoc IPartnerPrograms
    function createCampaign(NewCampaign calldata given) external returns (bytes32 campaignId) {
        Terms memory terms = given.terms;
        campaignId = keccak256(abi.encode(block.chainid, address(this), msg.sender, given.salt, terms));
        Campaign storage c = _campaigns[campaignId];
        require(c.brand == address(0), CampaignExists(campaignId));
        _checkTerms(terms);

        _writeTerms(c, terms);
        c.brand = msg.sender;
        c.nextConversion = 1;
        if (given.dailyLimit != Limits.NO_LIMIT) {
            c.limited = true;
            c.dailyLimit = given.dailyLimit;
        }
        emit CampaignCreated(campaignId, msg.sender, terms.token, given.salt, terms);
        emit DailyLimitAnnounced(campaignId, given.dailyLimit, block.timestamp);
        emit DescriptionAnnounced(campaignId, given.descriptionHash, given.descriptionUri, block.timestamp);
        // The first set is that of index 0, as is stored of a new campaign.
        _setAttesters(campaignId, c, c.attesterSet, given.threshold, given.attesters, uint40(block.timestamp));
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
        StoredOffer storage o = c.offers[offerId];
        OfferTerms terms = o.terms;
        uint256 validTo = terms.validTo();
        require(validTo != 0, UnknownOffer(campaignId, offerId));
        effectiveAt = Notice.later(c.noticeSeconds.effectiveAt(0), o.lockedUntil);
        // One that has not begun ends where it would have begun: the next may begin there, and not before.
        effectiveAt = Notice.later(effectiveAt, terms.validFrom());
        require(effectiveAt < validTo, OfferEndsAlready(offerId, validTo, effectiveAt));

        o.terms = terms.endingAt(uint40(effectiveAt));
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
        uint40 effective = c.noticeSeconds.effectiveAt(0);

        c.attesterSet = current;
        c.attestersAnnounced = true;
        _setAttesters(campaignId, c, current + 1, threshold, members, effective);
        return effective;
    }

    /// @inheritdoc IPartnerPrograms
    function setKinds(
        bytes32 campaignId,
        address[] calldata partners,
        uint64 mask
    ) external returns (uint256 effectiveAt) {
        Campaign storage c = _ofBrand(campaignId);
        c.kindsListed = true;
        effectiveAt = block.timestamp;
        for (uint256 i; i < partners.length; ++i) {
            effectiveAt = Notice.later(effectiveAt, _setKinds(campaignId, c, partners[i], mask));
        }
    }

    /// @inheritdoc IPartnerPrograms
    function announceDailyLimit(bytes32 campaignId, uint128 newLimit) external returns (uint256 effectiveAt) {
        Campaign storage c = _ofBrand(campaignId);
        uint128 current = _dailyLimit(c);
        uint40 effective = c.noticeSeconds.effectiveAt(0);

        c.limited = true;
        c.dailyLimit = current;
        c.nextDailyLimit = newLimit;
        c.nextDailyLimitAt = effective;
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
        effectiveAt = _ofBrand(campaignId).noticeSeconds.effectiveAt(0);
        emit DescriptionAnnounced(campaignId, contentHash, uri, effectiveAt);
    }

    /// @inheritdoc IPartnerPrograms
    function suspend(bytes32 campaignId) external returns (uint256 suspendedUntil) {
        Campaign storage c = _ofBrand(campaignId);
        uint32 notice = c.noticeSeconds;
        uint256 last = c.suspendedUntil;
        require(last == 0 || block.timestamp >= last + notice, SuspensionTooSoon(block.timestamp, last + notice));

        suspendedUntil = block.timestamp + notice;
        c.suspendedUntil = uint40(suspendedUntil);
        c.withdrawableAt = c.withdrawableAt.defer(block.timestamp, notice);
        c.closesAt = c.closesAt.defer(block.timestamp, notice);
        c.finalAt = c.finalAt.defer(block.timestamp, notice);
        emit Suspended(campaignId, suspendedUntil);
    }

    /// @inheritdoc IPartnerPrograms
    function resume(bytes32 campaignId) external {
        Campaign storage c = _ofBrand(campaignId);
        uint256 until = c.suspendedUntil;
        require(block.timestamp < until, NotSuspended(campaignId));
        uint256 saved = until - block.timestamp;

        // A countdown that was running ends after the suspension would have; one that was over ended before it began.
        c.suspendedUntil = uint40(block.timestamp);
        // Never to before a guarantee: what waits for one was not prolonged by the suspension.
        uint40 lockedUntil = c.lockedUntil;
        uint40 withdrawableAt = c.withdrawableAt;
        if (withdrawableAt > until) c.withdrawableAt = uint40(Notice.later(withdrawableAt - saved, lockedUntil));
        uint40 closesAt = c.closesAt;
        if (closesAt > until) {
            uint256 earlier = Notice.later(closesAt - saved, lockedUntil);
            c.closesAt = uint40(earlier);
            c.finalAt = uint40(earlier + c.noticeSeconds);
        } else {
            c.finalAt = c.finalAt.advance(until, saved);
        }
        emit Resumed(campaignId);
    }

    /// @inheritdoc IPartnerPrograms
    function closeCampaign(bytes32 campaignId) external returns (uint256 effectiveAt) {
        Campaign storage c = _ofBrand(campaignId);
        require(c.closesAt == 0, ClosingAlready(campaignId, c.closesAt));
        uint32 notice = c.noticeSeconds;
        effectiveAt = Notice.later(notice.effectiveAt(c.suspendedUntil), c.lockedUntil);

        c.closesAt = uint40(effectiveAt);
        c.finalAt = uint40(effectiveAt + notice);
        emit ClosingAnnounced(campaignId, effectiveAt + notice, effectiveAt);
    }

    /// @inheritdoc IPartnerPrograms
    function transferCampaign(bytes32 campaignId, address newBrand) external returns (uint256 effectiveAt) {
        Campaign storage c = _ofBrand(campaignId);
        // What is taken back is taken back at once.
        effectiveAt = newBrand == address(0) ? block.timestamp : c.noticeSeconds.effectiveAt(0);

        c.pendingBrand = newBrand;
        c.transferableAt = newBrand == address(0) ? 0 : uint40(effectiveAt);
        emit BrandTransferAnnounced(campaignId, msg.sender, newBrand, effectiveAt);
    }

    /// @inheritdoc IPartnerPrograms
    function acceptCampaign(bytes32 campaignId) external {
        Campaign storage c = _campaign(campaignId);
        require(msg.sender == c.pendingBrand, NotPendingBrand(msg.sender, c.pendingBrand));
        uint256 from = c.transferableAt;
        require(block.timestamp >= from, TransferNotMature(block.timestamp, from));

        address previous = c.brand;
        c.brand = msg.sender;
        c.pendingBrand = address(0);
        c.transferableAt = 0;
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
        address token = _campaign(campaignId).token;
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
        require(!_isPending(c), WithdrawalPending(campaignId, c.withdrawableAt));
        uint256 available = c.available;
        require(amount <= available, InsufficientBudget(campaignId, amount, available));
        uint40 effective = uint40(Notice.later(c.noticeSeconds.effectiveAt(c.suspendedUntil), c.lockedUntil));

        c.withdrawalAnnounced = true;
        c.withdrawalAmount = amount;
        c.withdrawableAt = effective;
        emit WithdrawalAnnounced(campaignId, amount, effective);
        return effective;
    }

    /// @inheritdoc IPartnerPrograms
    function cancelWithdrawal(bytes32 campaignId) external {
        Campaign storage c = _ofBrand(campaignId);
        require(c.withdrawableAt != 0, NoWithdrawal(campaignId));

        _clearWithdrawal(c);
        emit WithdrawalCancelled(campaignId);
    }

    /// @inheritdoc IPartnerPrograms
    function withdraw(bytes32 campaignId, address receiver) external nonReentrant returns (uint256 amount) {
        Campaign storage c = _ofBrand(campaignId);
        require(receiver != address(0), ZeroAddress());
        (uint256 available, uint256 reserved) = _budget(c);
        if (c.finalAt != 0 && block.timestamp >= c.finalAt) {
            amount = available;
        } else {
            uint256 from = c.withdrawableAt;
            require(from != 0, NoWithdrawal(campaignId));
            require(block.timestamp >= from, WithdrawalNotMature(block.timestamp, from));
            uint256 until = from + Limits.WITHDRAWAL_WINDOW;
            require(block.timestamp < until, WithdrawalLapsed(block.timestamp, until));
            amount = c.withdrawalAmount < available ? c.withdrawalAmount : available;
        }
        require(amount != 0, ZeroAmount());

        _setBudget(c, available - amount, reserved);
        _clearWithdrawal(c);
        emit Withdrawn(campaignId, receiver, amount);
        Tokens.send(c.token, receiver, amount);
    }

    // -------------------------------------------------------------------------------- from conversion to credit

    /// @inheritdoc IPartnerPrograms
    function attest(
        Attestation calldata a,
        Line[] calldata lines,
        Signature[] calldata signatures
    ) external returns (bytes32 digest) {
        Campaign storage c = _campaign(a.campaignId);
        _checkNumber(c, a);
        _checkTime(c, a);
        _checkBudget(c, a);
        digest = _digestOf(a);
        uint16 setIndex = _attesterSet(c);
        c.attesterSets[setIndex].check(digest, signatures);
        uint256 holdSeconds = c.holdSeconds;
        uint256[] memory words = _checkLines(c, a, lines, c.linesOnChain || holdSeconds == 0);

        // Both are read before their slot is written.
        (bool limited, bool withdrawal) = (c.limited, c.withdrawalAnnounced);
        c.nextConversion += a.conversions;
        if (limited) _spendToday(c, a.total);
        _emitAttested(a, lines, digest, setIndex);
        uint256 left =
            holdSeconds == 0
                ? _creditAll(a, lines, words, c, digest)
                : _reserve(c, a.total, digest, setIndex, holdSeconds);
        if (withdrawal) _lowerWithdrawal(c, left);
    }

    /// @inheritdoc IPartnerPrograms
    function reverse(
        Attestation calldata a,
        LineReversal[] calldata lines,
        bytes32 reasonHash,
        Signature[] calldata signatures
    ) external returns (uint256 returned) {
        Campaign storage c = _campaign(a.campaignId);
        (Batch storage b, BatchHead head, bytes32 digest) = _batch(a);
        require(block.timestamp < head.releaseAt(), HoldOver(block.timestamp, head.releaseAt()));
        require(lines.length != 0, InvalidLineCount(0, 1));
        c.attesterSets[head.attesterSet()].check(
            _hashTypedDataV4(StructHash.ofReversal(a.campaignId, digest, lines, reasonHash)),
            signatures
        );

        Tree memory tree;
        tree.commitment = head.isLowered() ? b.loweredTo : _commitment(a.linesRoot, a.total);
        _lowerAll(c, a, digest, lines, tree);
        returned = tree.returned;
        b.head = head.lower();
        b.loweredTo = tree.commitment;
        (uint256 available, uint256 reserved) = _budget(c);
        _setBudget(c, available + returned, reserved - returned);
        emit Reversed(a.campaignId, digest, reasonHash, returned, tree.root, tree.total);
    }

    /// @inheritdoc IPartnerPrograms
    function release(
        Attestation calldata a,
        uint256 first,
        bytes calldata path,
        Line[] calldata lines
    ) external returns (uint256 commission) {
        Campaign storage c = _campaign(a.campaignId);
        (Batch storage b, BatchHead head, bytes32 digest) = _releasable(a);
        uint256[] memory words = _prove(c, a, b, head, first, path, lines);

        uint256 due = b.due(head, first >> 8, _marks(lines.length) << (first & 255));
        b.settle(head, first >> 8, due);
        Outcome memory outcome = _creditLines(a, first, lines, words, due, c, digest);
        _settle(c, outcome);
        commission = outcome.commission;
        _emitReleased(a, digest, first, due, outcome);
    }

    /// @inheritdoc IPartnerPrograms
    function pull(
        Attestation[] calldata attestations,
        LineProof[] calldata lines
    ) external nonReentrant returns (uint256 commission) {
        uint256 count = attestations.length;
        require(count != 0 && count == lines.length, InvalidLineCount(lines.length, count));
        Campaign storage c = _campaign(attestations[0].campaignId);
        address partner = lines[0].line.partner();
        address receiver = _pushedTo(partner);
        Outcome memory outcome;
        _pullLines(c, partner, attestations, lines, outcome);
        require(outcome.lines != 0, NothingToPay(partner));

        _settle(c, outcome);
        commission = outcome.commission;
        address token = c.token;
        _credit(_credits[token][c.operator], outcome.fee);
        if (commission != 0) Tokens.send(token, receiver, commission);
    }

    // ------------------------------------------------------------------------------------------------- claims

    /// @inheritdoc IPartnerPrograms
    function claim(address[] calldata tokens, address receiver) external nonReentrant {
        _checkReceiver(msg.sender, receiver);
        _pay(msg.sender, tokens, receiver);
    }

    /// @inheritdoc IPartnerPrograms
    function claimFor(ClaimOrder calldata order, bytes calldata signature) external nonReentrant {
        bytes32 structHash = StructHash.ofClaim(order);
        _useOrder(order.owner, order.nonce, order.deadline, structHash, signature);
        _checkReceiver(order.owner, order.receiver);
        _pay(order.owner, order.tokens, order.receiver);
    }

    /// @inheritdoc IPartnerPrograms
    function payOut(address owner, address[] calldata tokens) external nonReentrant {
        _pay(owner, tokens, _pushedTo(owner));
    }

    /// @inheritdoc IPartnerPrograms
    function setPayout(address receiver, uint32 lockSeconds) external returns (uint256 effectiveAt) {
        return _setPayout(msg.sender, receiver, lockSeconds);
    }

    /// @inheritdoc IPartnerPrograms
    function setPayoutFor(PayoutOrder calldata order, bytes calldata signature) external returns (uint256 effectiveAt) {
        bytes32 structHash = StructHash.ofPayout(order);
        _useOrder(order.owner, order.nonce, order.deadline, structHash, signature);
        return _setPayout(order.owner, order.receiver, order.lockSeconds);
    }

    /// @inheritdoc IPartnerPrograms
    function revokeOrders() external returns (uint256 nonce) {
        // Not the next number: whoever had the key could have signed for that one too.
        nonce = uint256(keccak256(abi.encode(blockhash(block.number - 1), msg.sender, nonces[msg.sender])));
        nonces[msg.sender] = nonce;
        emit OrdersRevoked(msg.sender, nonce);
    }

    /// @inheritdoc IPartnerPrograms
    function setPayOutOptOut(bool optedOut) external {
        _payouts[msg.sender].optedOut = optedOut;
        emit PayOutOptedOut(msg.sender, optedOut);
    }

    // -------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IPartnerPrograms
    function extsload(bytes32 slot) external view returns (bytes32 value) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            value := sload(slot)
        }
    }

    // ----------------------------------------------------------------------------------------- private: find

    function _campaign(bytes32 campaignId) private view returns (Campaign storage c) {
        c = _campaigns[campaignId];
        // The notice is never zero, and its slot is one that every path reads anyway.
        require(c.noticeSeconds != 0, UnknownCampaign(campaignId));
    }

    function _ofBrand(bytes32 campaignId) private view returns (Campaign storage c) {
        c = _campaign(campaignId);
        require(msg.sender == c.brand, NotBrand(msg.sender, c.brand));
    }

    function _digestOf(Attestation calldata a) private view returns (bytes32) {
        return _hashTypedDataV4(StructHash.ofAttestation(a));
    }

    function _batch(Attestation calldata a) private view returns (Batch storage b, BatchHead head, bytes32 digest) {
        digest = _digestOf(a);
        b = _batches[digest];
        head = b.head;
        require(BatchHead.unwrap(head) != 0, UnknownBatch(a.campaignId, digest));
    }

    function _releasable(
        Attestation calldata a
    ) private view returns (Batch storage b, BatchHead head, bytes32 digest) {
        (b, head, digest) = _batch(a);
        uint256 releaseAt = head.releaseAt();
        require(block.timestamp >= releaseAt, HoldNotOver(block.timestamp, releaseAt));
    }

    /// @dev Whether a withdrawal is announced that has not lapsed. One that has stays so: nothing gives it a time again.
    function _isPending(Campaign storage c) private view returns (bool) {
        return c.withdrawalAnnounced && block.timestamp < c.withdrawableAt + Limits.WITHDRAWAL_WINDOW;
    }

    /// @dev Both amounts share a slot: they are read together, and written together by `_setBudget`.
    function _budget(Campaign storage c) private view returns (uint256 available, uint256 reserved) {
        return (c.available, c.reserved);
    }

    /// @dev The set in force now: an announced one takes over at its time without a transaction.
    function _attesterSet(Campaign storage c) private view returns (uint16 index) {
        index = c.attesterSet;
        if (c.attestersAnnounced && block.timestamp >= c.attesterSets[index + 1].effectiveAt) ++index;
    }

    function _spentToday(Campaign storage c) private view returns (uint128) {
        return c.spentOnDay == block.timestamp / 1 days ? c.spent : 0;
    }

    function _dailyLimit(Campaign storage c) private view returns (uint128) {
        if (!c.limited) return Limits.NO_LIMIT;
        uint40 nextAt = c.nextDailyLimitAt;
        return nextAt != 0 && block.timestamp >= nextAt ? c.nextDailyLimit : c.dailyLimit;
    }

    /// @dev Where a push to `owner` goes, if there may be one now.
    function _pushedTo(address owner) private view returns (address) {
        Payout storage payout = _payouts[owner];
        (address receiver, uint256 lock, bool optedOut) = payout.settled();
        require(!optedOut || lock != 0 || msg.sender == owner, OptedOut(owner));
        return receiver == address(0) ? owner : receiver;
    }

    /// @dev What a reversal stores of the tree that it leaves.
    function _commitment(bytes32 root, uint256 total) private pure returns (bytes32) {
        return Hashes.efficientKeccak256(root, bytes32(total));
    }

    /// @dev The marks of `count` lines, 256 at most: all of them then, because such a shift gives 0.
    function _marks(uint256 count) private pure returns (uint256) {
        unchecked {
            return (1 << count) - 1;
        }
    }

    // ------------------------------------------------------------------------------ private: price, and judge

    /// @dev What a campaign brings along for the price of a line.
    function _pricesOf(Campaign storage c) private view returns (Prices memory prices) {
        prices.feeBps = c.feeBps;
        // At most 10^21.
        unchecked {
            prices.unit = 10 ** c.unitExponent;
        }
        if (!c.kindsListed) prices.openKinds = c.openKinds;
    }

    /// @dev What a line is worth, and whether it holds whoever its partner is.
    function _priceOf(
        Campaign storage c,
        Prices memory prices,
        Attestation calldata a,
        Line line
    ) private view returns (uint256 commission, uint256 fee, bool holds) {
        OfferTerms o = c.offers[line.offerId()].terms;
        if (!Rules.covers(o.validFrom(), o.validTo(), a.periodFrom, a.periodTo)) return (0, 0, false);
        // At most 10^4 x 10^21.
        unchecked {
            (commission, fee) = Commission.ofLineDown(line, o.flatAmount(), o.rateBps() * prices.unit, prices.feeBps);
        }
        // No mask has as many kinds as that of an offer for one partner.
        holds = Rules.includes(prices.openKinds, o.kind()) && Rules.numbersHold(line, o.capUnits(), a.conversions);
    }

    /// @dev The same for all lines of an offer, as {LineTree-setLeaves} takes it.
    function _meet(Campaign storage c, Attestation calldata a, Rules.Facts memory facts, uint256 offerId) private view {
        OfferTerms o = c.offers[offerId].terms;
        facts.feeBps = c.feeBps;
        facts.capUnits = o.capUnits();
        facts.conversions = a.conversions;
        if (Rules.covers(o.validFrom(), o.validTo(), a.periodFrom, a.periodTo)) {
            facts.flatAmount = o.flatAmount();
            // At most 10^4 x 10^21.
            unchecked {
                facts.volumeRate = o.rateBps() * 10 ** c.unitExponent;
            }
            facts.open = !c.kindsListed && Rules.includes(c.openKinds, o.kind());
        } else {
            (facts.flatAmount, facts.volumeRate, facts.open) = (0, 0, false);
        }
    }

    /// @dev The node over the lines of a subtree; and what each line comes to, for whoever credits them.
    function _fold(
        Campaign storage c,
        Attestation calldata a,
        Line[] calldata lines,
        uint256 height
    ) private view returns (bytes32 root, uint256 sum, uint256[] memory words) {
        words = LineTree.room(lines.length);
        Rules.Facts memory facts;
        for (uint256 i; i < lines.length;) {
            // All lines in a row that have the same offer.
            _meet(c, a, facts, LineLib.lineAt(lines, i).offerId());
            i = words.setLeaves(lines, i, facts);
        }
        (root, sum) = words.fold(lines.length, height);
    }

    /// @dev Why a line does not hold, if it does not.
    function _faultOf(Campaign storage c, Attestation calldata a, Line line) private view returns (Fault) {
        uint256 offerId = line.offerId();
        OfferTerms o = c.offers[offerId].terms;
        if (!Rules.covers(o.validFrom(), o.validTo(), a.periodFrom, a.periodTo)) {
            return o.validTo() == 0 ? Fault.UnknownOffer : Fault.PeriodOutsideOffer;
        }
        if (!Rules.numbersHold(line, o.capUnits(), a.conversions)) return Rules.ofNumbers(line, a.conversions);
        address partner = line.partner();
        if (o.kind() == Rules.FOR_ONE_PARTNER) {
            return c.partnerOf[offerId] == partner ? Fault.None : Fault.OfferForOtherPartner;
        }
        uint64 kinds = c.openKinds;
        if (c.kindsListed) kinds = c.kinds[partner].payableFor(a.periodTo, kinds);
        return Rules.includes(kinds, o.kind()) ? Fault.None : Fault.KindNotPayable;
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
        uint256 next = c.nextConversion;
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
        uint256 suspendedUntil = c.suspendedUntil;
        require(block.timestamp >= suspendedUntil, CampaignSuspended(a.campaignId, suspendedUntil));
        uint256 closesAt = c.closesAt;
        // Before `closesAt` no period ends after it, because no period ends in the future.
        require(
            closesAt == 0 || (to <= closesAt && block.timestamp < c.finalAt),
            CampaignClosed(a.campaignId, closesAt)
        );
    }

    /// @dev Lines that are given have to be those that were signed, and worth what was signed.
    /// @param given Whether they are given to the chain, all of them.
    /// @return words What `_fold` says of the lines, if there are any.
    function _checkLines(
        Campaign storage c,
        Attestation calldata a,
        Line[] calldata lines,
        bool given
    ) private view returns (uint256[] memory words) {
        uint256 count = lines.length;
        uint256 expected = a.lineCount;
        require(expected != 0, InvalidLineCount(0, 1));
        if (!given) expected = 0;
        if (count != expected) revert InvalidLineCount(count, expected);
        if (count == 0) return words;
        bytes32 root;
        uint256 sum;
        (root, sum, words) = _fold(c, a, lines, LineTree.depth(count));
        _checkSigned(a, root, sum);
    }

    function _checkBudget(Campaign storage c, Attestation calldata a) private view {
        uint256 required = a.total;
        uint256 available = c.available;
        require(required <= available, InsufficientBudget(a.campaignId, required, available));
        if (c.limited) _checkDailyLimit(c, a.campaignId, required);
    }

    function _checkDailyLimit(Campaign storage c, bytes32 campaignId, uint256 required) private view {
        uint256 limit = _dailyLimit(c);
        uint256 spent = _spentToday(c);
        // A limit that was lowered during the day may be below what was spent.
        uint256 remaining = limit > spent ? limit - spent : 0;
        require(required <= remaining, DailyLimitExceeded(campaignId, required, remaining));
    }

    /// @dev That `count` lines from `first` on are a subtree of the batch's tree whose path has `length` nodes. (`if` and `revert`, as in
    /// `_climb`, `_checkLines` and `_checkSigned`: a `require` whose error has several places is a call, 30 gas each time.)
    function _checkSubtree(
        Attestation calldata a,
        uint256 first,
        uint256 count,
        uint256 length
    ) private pure returns (uint256 height) {
        uint256 lineCount = a.lineCount;
        uint256 levels = LineTree.depth(lineCount);
        unchecked {
            height = levels - length / LineTree.NODE; // a path too long makes it too high
        }
        if (length % LineTree.NODE != 0 || height > Limits.CHUNK_HEIGHT) revert InvalidPath(length, levels);
        if (first >= lineCount) revert UnknownLine(first, lineCount);
        unchecked {
            uint256 size = 1 << height;
            if (first & (size - 1) != 0) revert MisplacedLines(first, size);
            uint256 left = lineCount - first;
            if (left > size) left = size;
            if (count != left) revert InvalidLineCount(count, left);
        }
    }

    /// @dev Where `path` leads from line `index`: that there is such a line, and its path is as long as the tree is deep.
    function _climb(
        Attestation calldata a,
        uint256 index,
        Line line,
        uint256 worth,
        bytes calldata path
    ) private pure returns (bytes32, uint256) {
        uint256 lineCount = a.lineCount;
        if (index >= lineCount) revert UnknownLine(index, lineCount);
        uint256 levels = LineTree.depth(lineCount);
        // At most 32 levels.
        unchecked {
            if (path.length != LineTree.NODE * levels) revert InvalidPath(path.length, levels);
        }
        return LineTree.climb(index, Line.unwrap(line), worth, path);
    }

    /// @dev That lines from `first` on are a subtree of the batch's tree; returns what `_fold` says of them.
    function _prove(
        Campaign storage c,
        Attestation calldata a,
        Batch storage b,
        BatchHead head,
        uint256 first,
        bytes calldata path,
        Line[] calldata lines
    ) private view returns (uint256[] memory words) {
        uint256 height = _checkSubtree(a, first, lines.length, path.length);
        bytes32 root;
        uint256 sum;
        (root, sum, words) = _fold(c, a, lines, height);
        (root, sum) = LineTree.climb(first >> height, root, sum, path);
        _checkTree(a, b, head, root, sum);
    }

    /// @dev That root and sum are those of the batch's tree as it stands.
    function _checkTree(
        Attestation calldata a,
        Batch storage b,
        BatchHead head,
        bytes32 root,
        uint256 sum
    ) private view {
        if (!head.isLowered()) return _checkSigned(a, root, sum);
        (bytes32 expected, bytes32 given) = (b.loweredTo, _commitment(root, sum));
        require(given == expected, LinesDifferFromBatch(expected, given));
    }

    function _checkSigned(Attestation calldata a, bytes32 root, uint256 sum) private pure {
        bytes32 expected = a.linesRoot;
        if (root != expected) revert LinesDifferFromBatch(expected, root);
        uint256 total = a.total;
        if (sum != total) revert TotalDiffersFromBatch(total, sum);
    }

    function _checkReceiver(address owner, address receiver) private view {
        require(receiver != address(0), ZeroAddress());
        (address payout, uint256 lock, ) = _payouts[owner].settled();
        if (lock == 0) return;
        if (payout == address(0)) payout = owner;
        require(receiver == payout, PayoutLocked(owner, payout, receiver));
    }

    // --------------------------------------------------------------------------------------- private: effects

    function _writeTerms(Campaign storage c, Terms memory terms) private {
        c.token = terms.token;
        c.holdSeconds = terms.holdSeconds;
        c.noticeSeconds = terms.noticeSeconds;
        c.feeBps = terms.feeBps;
        c.unitExponent = terms.unitExponent;
        c.linesOnChain = terms.linesOnChain;
        c.operator = terms.operator;
        c.openKinds = terms.openKinds;
    }

    function _appendOffer(bytes32 campaignId, Campaign storage c, Offer memory o) private returns (uint256 offerId) {
        require(
            o.partner == address(0) ? o.kind < Limits.MAX_KINDS : o.kind == Rules.FOR_ONE_PARTNER,
            InvalidKind(o.kind, o.partner)
        );
        require(EventName.isValid(o.eventName), InvalidEventName(o.eventName));
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
        uint256 closesAt = c.closesAt;
        require(closesAt == 0 || o.lockedUntil <= closesAt, CampaignClosed(campaignId, closesAt));
        // Offers of one event and kind, or partner, follow each other in time: comparing with the last is comparing with all.
        bytes32 subject =
            o.partner == address(0)
                ? bytes32(o.eventName) | bytes32(uint256(o.kind))
                : keccak256(abi.encode(o.eventName, o.partner));
        uint256 last = c.latestOffer[subject];
        if (last != 0) {
            uint40 lastEnds = c.offers[last].terms.validTo();
            require(o.validFrom >= lastEnds, OfferOverlaps(last, lastEnds, o.validFrom));
        }

        offerId = ++c.offerCount;
        c.offers[offerId] = StoredOffer(
            OfferTermsLib.pack(o.flatAmount, o.rateBps, o.capUnits, o.validFrom, o.validTo, o.kind),
            o.eventName,
            o.lockedUntil
        );
        if (o.partner != address(0)) c.partnerOf[offerId] = o.partner;
        c.latestOffer[subject] = offerId;
        if (o.lockedUntil > c.lockedUntil) {
            c.lockedUntil = o.lockedUntil;
            if (_isPending(c) && o.lockedUntil > c.withdrawableAt) c.withdrawableAt = o.lockedUntil;
        }
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

    function _setKinds(bytes32 campaignId, Campaign storage c, address partner, uint64 mask) private returns (uint256) {
        uint40 afterNotice = c.noticeSeconds.effectiveAt(0);
        (uint64 before, uint40 until) = c.kinds[partner].set(partner, mask, c.openKinds, afterNotice);
        emit KindsSet(campaignId, partner, mask, before, until);
        return until;
    }

    function _fund(bytes32 campaignId, uint256 amount) private {
        Campaign storage c = _campaign(campaignId);
        require(amount != 0, ZeroAmount());
        require(c.closesAt == 0 || block.timestamp < c.closesAt, CampaignClosed(campaignId, c.closesAt));
        (uint256 available, uint256 reserved) = _budget(c);
        uint256 most = type(uint128).max - available - reserved;
        require(amount <= most, BudgetTooLarge(amount, most));

        // Before the interaction; should the tokens not arrive, everything reverts.
        _setBudget(c, available + amount, reserved);
        emit Funded(campaignId, msg.sender, amount);
        Tokens.take(c.token, amount);
    }

    /// @dev Opens a batch. Returns what is left available.
    function _reserve(
        Campaign storage c,
        uint256 total,
        bytes32 digest,
        uint256 setIndex,
        uint256 holdSeconds
    ) private returns (uint256) {
        // At most a year from now.
        unchecked {
            _batches[digest].head = BatchLib.open(block.timestamp + holdSeconds, setIndex);
        }
        return _take(c, total, total);
    }

    /// @dev Credits all lines of an attestation without a hold. Returns what is left available.
    function _creditAll(
        Attestation calldata a,
        Line[] calldata lines,
        uint256[] memory words,
        Campaign storage c,
        bytes32 digest
    ) private returns (uint256) {
        Outcome memory outcome = _creditLines(a, 0, lines, words, type(uint256).max, c, digest);
        return _take(c, outcome.commission + outcome.fee, 0);
    }

    /// @dev `emit Attested(a.campaignId, digest, setIndex, a, lines)`, written out: the ten words of `a`, all of which
    /// the checks have read and so found in range or which have none, and its lines are copied as they stand. Assembly, because
    /// the compiler's copying costs 660 gas an attestation and 79 a line more.
    function _emitAttested(Attestation calldata a, Line[] calldata lines, bytes32 digest, uint256 setIndex) private {
        bytes32 topic = Attested.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, setIndex)
            calldatacopy(add(data, 0x20), a, 0x140)
            mstore(add(data, 0x160), 0x180) // where the lines begin
            mstore(add(data, 0x180), lines.length)
            let size := shl(5, lines.length)
            calldatacopy(add(data, 0x1a0), lines.offset, size)
            log3(data, add(0x1a0, size), topic, calldataload(a), digest)
        }
    }

    /// @dev Apart, because {release} has as many variables as the compiler takes without its IR.
    function _emitReleased(
        Attestation calldata a,
        bytes32 digest,
        uint256 first,
        uint256 due,
        Outcome memory outcome
    ) private {
        emit Released(a.campaignId, digest, first >> 8, due, outcome.commission, outcome.fee);
    }

    /// @dev Takes from what is available, and reserves so much of it.
    function _take(Campaign storage c, uint256 amount, uint256 toReserve) private returns (uint256 available) {
        uint256 reserved;
        (available, reserved) = _budget(c);
        available -= amount;
        _setBudget(c, available, reserved + toReserve);
    }

    /// @dev An announced withdrawal is of money that was there all the time since: it is lowered to what is left.
    function _lowerWithdrawal(Campaign storage c, uint256 available) private {
        if (c.withdrawalAmount > available) c.withdrawalAmount = uint128(available);
    }

    /// @dev Takes what was settled from what is reserved; what lines were worth that do not hold is available again.
    function _settle(Campaign storage c, Outcome memory outcome) private {
        (uint256 available, uint256 reserved) = _budget(c);
        uint256 returned = outcome.returned;
        uint256 settled;
        // Proven lines are together worth a total at most.
        unchecked {
            settled = outcome.commission + outcome.fee + returned;
        }
        _setBudget(c, available + returned, reserved - settled);
    }

    /// @dev Together they are at most 2^128 - 1: `_fund` checks it, and all else only moves or lowers them. So each fits its half
    /// of the slot. Assembly, because the compiler writes one half after the other: 580 gas an attestation, 150 a release.
    function _setBudget(Campaign storage c, uint256 available, uint256 reserved) private {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(add(c.slot, 2), or(available, shl(128, reserved)))
        }
    }

    function _clearWithdrawal(Campaign storage c) private {
        c.withdrawalAnnounced = false;
        c.withdrawalAmount = 0;
        c.withdrawableAt = 0;
    }

    function _spendToday(Campaign storage c, uint256 amount) private {
        // Within the limit, which has 128 bits.
        c.spent = uint128(_spentToday(c) + amount);
        c.spentOnDay = uint32(block.timestamp / 1 days);
    }

    /// @dev Lowers lines of `tree` one after the other.
    function _lowerAll(
        Campaign storage c,
        Attestation calldata a,
        bytes32 digest,
        LineReversal[] calldata lines,
        Tree memory tree
    ) private {
        Rules.Facts memory facts;
        for (uint256 i; i < lines.length; ++i) {
            _lower(c, a, facts, digest, lines[i], tree);
        }
    }

    /// @dev Lowers a line of `tree`, and the tree with it.
    function _lower(
        Campaign storage c,
        Attestation calldata a,
        Rules.Facts memory facts,
        bytes32 digest,
        LineReversal calldata lowered,
        Tree memory tree
    ) private {
        uint256 index = lowered.index;
        Line line = lowered.line;
        require(line.key() == lowered.target.key(), TargetForOtherLine(index, lowered.target, line));
        _meet(c, a, facts, line.offerId());
        (bytes32 root, uint256 sum) = _climb(a, index, line, facts.worthOf(line), lowered.path);
        bytes32 given = _commitment(root, sum);
        require(given == tree.commitment, LinesDifferFromBatch(tree.commitment, given));

        line = line.lowerTo(lowered.target);
        (tree.root, tree.total) = _climb(a, index, line, facts.worthOf(line), lowered.path);
        tree.commitment = _commitment(tree.root, tree.total);
        tree.returned += sum - tree.total;
        emit LineLowered(a.campaignId, digest, index, line);
    }

    /// @dev Credits the partners of those lines that are due and hold, and the operator.
    /// @param words What `_fold` says of the lines.
    /// @param due Bit i: the line with index i modulo 256 is due.
    function _creditLines(
        Attestation calldata a,
        uint256 first,
        Line[] calldata lines,
        uint256[] memory words,
        uint256 due,
        Campaign storage c,
        bytes32 digest
    ) private returns (Outcome memory outcome) {
        mapping(address owner => Credit) storage credits = _credits[c.token];
        outcome.feeBps = c.feeBps;
        // Proven lines are together worth a total at most, which has 128 bits.
        unchecked {
            for (uint256 i; i < lines.length; ++i) {
                if ((due >> ((first + i) & 255)) & 1 == 0) continue;
                Line line = LineLib.lineAt(lines, i);
                uint256 commission = LineTree.wordOf(words, i);
                if (commission >= LineTree.HOLDS) commission ^= LineTree.HOLDS;
                else if (_isRefused(a, first + i, c, digest, line, commission, outcome)) continue;
                outcome.commission += commission;
                outcome.fee += Commission.feeDown(commission, outcome.feeBps);
                _credit(credits[line.partner()], commission);
            }
        }
        _credit(credits[c.operator], outcome.fee);
    }

    /// @dev Whether a line does not hold; then what it was worth is available again.
    function _isRefused(
        Attestation calldata a,
        uint256 index,
        Campaign storage c,
        bytes32 digest,
        Line line,
        uint256 commission,
        Outcome memory outcome
    ) private returns (bool) {
        Fault fault = _faultOf(c, a, line);
        if (fault == Fault.None) return false;
        uint256 worth = commission + Commission.feeDown(commission, outcome.feeBps);
        outcome.returned += worth;
        emit LineRefused(a.campaignId, digest, index, line, fault, worth);
        return true;
    }

    /// @dev Settles lines of one partner, each of the batch at its position.
    function _pullLines(
        Campaign storage c,
        address partner,
        Attestation[] calldata attestations,
        LineProof[] calldata lines,
        Outcome memory outcome
    ) private {
        bytes32 campaignId = attestations[0].campaignId;
        Prices memory prices = _pricesOf(c);
        outcome.feeBps = prices.feeBps;
        for (uint256 i; i < attestations.length; ++i) {
            Attestation calldata a = attestations[i];
            LineProof calldata proven = lines[i];
            require(a.campaignId == campaignId, BatchOfOtherCampaign(i, a.campaignId));
            address of_ = proven.line.partner();
            require(of_ == partner, LineOfOtherPartner(i, of_));
            _pullLine(c, prices, a, proven, outcome);
        }
    }

    /// @dev Settles one line of a batch, unless it is settled already.
    function _pullLine(
        Campaign storage c,
        Prices memory prices,
        Attestation calldata a,
        LineProof calldata proven,
        Outcome memory outcome
    ) private {
        (Batch storage b, BatchHead head, bytes32 digest) = _releasable(a);
        Line line = proven.line;
        (uint256 commission, uint256 fee, bool holds) = _priceOf(c, prices, a, line);
        // Less than 2^128.
        unchecked {
            (bytes32 root, uint256 sum) = _climb(a, proven.index, line, commission + fee, proven.path);
            _checkTree(a, b, head, root, sum);
        }
        if (!b.settleOne(head, proven.index)) return;

        ++outcome.lines;
        if (!holds && _isRefused(a, proven.index, c, digest, line, commission, outcome)) return;
        unchecked {
            outcome.commission += commission;
            outcome.fee += fee;
        }
        emit Pulled(a.campaignId, digest, line.partner(), proven.index, commission);
    }

    function _credit(Credit storage credit, uint256 amount) private {
        // A line that pays nothing would pay for a new slot.
        if (amount == 0) return;
        uint256 before = credit.onePlusAmount;
        // A credit grows by less than 2^128, a campaign's budget: 2^127 of them fit.
        unchecked {
            credit.onePlusAmount = (before == 0 ? 1 : before) + amount;
        }
    }

    /// @dev Checks that `owner` signed an order, and that it can be used now and not again.
    function _useOrder(
        address owner,
        uint256 given,
        uint256 deadline,
        bytes32 structHash,
        bytes calldata signature
    ) private {
        require(block.timestamp <= deadline, DeadlinePassed(deadline, block.timestamp));
        uint256 nonce = nonces[owner];
        require(given == nonce, WrongNonce(owner, nonce, given));
        bytes32 digest = _hashTypedDataV4(structHash);
        require(Quorum.isSignedBy(owner, digest, signature), InvalidSignature(owner, digest));
        // What was revoked starts anywhere, at the end of all numbers too.
        unchecked {
            nonces[owner] = nonce + 1;
        }
    }

    function _setPayout(address owner, address receiver, uint32 lockSeconds) private returns (uint256 effectiveAt) {
        require(lockSeconds <= Limits.LONGEST_LOCK, LockTooLong(lockSeconds, Limits.LONGEST_LOCK));

        effectiveAt = _payouts[owner].set(receiver, lockSeconds);
        emit PayoutAnnounced(owner, receiver, lockSeconds, effectiveAt);
    }

    /// @dev All credits are taken before anything is sent; the coin goes last, because its receiver may do anything.
    function _pay(address owner, address[] calldata tokens, address receiver) private {
        uint256[] memory amounts = new uint256[](tokens.length);
        uint256 native;
        bool any;
        for (uint256 i; i < tokens.length; ++i) {
            address token = tokens[i];
            Credit storage credit = _credits[token][owner];
            uint256 amount = credit.onePlusAmount;
            if (amount <= 1) continue;
            any = true;
            credit.onePlusAmount = 1;
            --amount;
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
