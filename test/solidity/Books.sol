// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { Limits } from "../../contracts/libraries/Limits.sol";
import { Line } from "../../contracts/types/Line.sol";
import { Dice } from "./Dice.sol";
import { LineProofs } from "./LineProofs.sol";

/// @notice What should be so: books of every campaign, batch, credit and payout address, kept beside the contract and not read from
/// it, in checked arithmetic and plain lists.
abstract contract Books is Dice {
    using LineProofs for LineProofs.Level[];

    /// @notice What is known of a campaign.
    struct Book {
        IPartnerPrograms.Terms terms;
        address brand;
        address pendingBrand;
        uint256 transferableAt;
        uint256 conversions;
        uint256 offers;
        /// The latest guarantee.
        uint256 lockedUntil;
        bool listed;
        // Money, in base units, since it was created. Released are commissions, to credits or paid at once.
        uint256 funded;
        uint256 withdrawn;
        uint256 reserved;
        uint256 released;
        uint256 fees;
        // The daily limit.
        bool limited;
        uint128 limit;
        uint128 nextLimit;
        uint256 nextLimitAt;
        // Attesters: the set in force, and when the next takes over (0: none).
        uint16 set;
        uint256 nextSetAt;
        // When a withdrawal and the end were announced last (0: not, or taken back).
        uint256 withdrawal;
        uint256 withdrawalAnnounced;
        uint256 closingAnnounced;
        // The times that were said of them, as suspensions move them.
        uint256 withdrawableAt;
        uint256 closesAt;
        uint256 finalAt;
    }

    /// @notice A batch as it should stand. Of a small one all lines are known; of a large one those of a subtree, and the siblings
    /// on its way to the root, of which nobody knows the lines.
    struct Batch {
        IPartnerPrograms.Attestation a;
        bytes32 digest;
        uint256 releaseAt;
        uint16 attesterSet;
        /// Where the known lines begin; as they stand after reversals.
        uint256 first;
        Line[] lines;
        /// Why each does not hold, found when it was attested: what happens afterwards must not change it.
        IPartnerPrograms.Fault[] faults;
        bool[] settled;
        bytes path;
        uint256 unknown;
        /// What was settled and reversed of it.
        uint256 spent;
    }

    /// @notice From `since` on a partner has the kinds `before`, and from `until` on `mask`.
    struct KindsChange {
        uint256 since;
        uint64 before;
        uint256 until;
        uint64 mask;
    }

    struct Attesters {
        address[] members;
        uint8 threshold;
    }

    struct Span {
        uint256 from;
        uint256 until;
    }

    struct Payout {
        address receiver;
        uint32 lock;
        uint256 nextAt;
        address nextReceiver;
        uint32 nextLock;
        bool optedOut;
    }

    mapping(bytes32 campaignId => Book) internal _books;
    mapping(bytes32 campaignId => mapping(uint256 offerId => IPartnerPrograms.Offer)) internal _offers;
    mapping(bytes32 campaignId => mapping(bytes32 subject => uint256 offerId)) internal _latestOffer;
    mapping(bytes32 campaignId => mapping(address partner => KindsChange[])) internal _kinds;
    mapping(bytes32 campaignId => mapping(uint256 index => Attesters)) internal _sets;
    mapping(bytes32 campaignId => mapping(uint256 day => uint256)) internal _attestedOn;
    mapping(bytes32 campaignId => Span[]) internal _suspensions;
    mapping(address owner => Payout) internal _payouts;
    Batch[] internal _batches;

    /// @notice What an owner should be able to claim.
    mapping(address owner => mapping(address token => uint256)) public credits;

    // ------------------------------------------------------------------------------------------------- a campaign

    function _available(Book storage b) internal view returns (uint256) {
        return b.funded - b.withdrawn - b.reserved - b.released - b.fees;
    }

    function _limitOf(Book storage b) internal view returns (uint256) {
        if (!b.limited) return Limits.NO_LIMIT;
        return b.nextLimitAt != 0 && block.timestamp >= b.nextLimitAt ? b.nextLimit : b.limit;
    }

    function _setOf(Book storage b) internal view returns (uint16) {
        return b.nextSetAt != 0 && block.timestamp >= b.nextSetAt ? b.set + 1 : b.set;
    }

    /// @dev For how long, since `time`, a campaign was not suspended: so long a notice has run.
    function _ranSince(bytes32 id, uint256 time) internal view returns (uint256 ran) {
        ran = block.timestamp - time;
        Span[] storage spans = _suspensions[id];
        for (uint256 i; i < spans.length; ++i) {
            uint256 from = _later(spans[i].from, time);
            uint256 until = _earlier(spans[i].until, block.timestamp);
            if (until > from) ran -= until - from;
        }
    }

    function _isSuspended(bytes32 id) internal view returns (bool) {
        return block.timestamp < _suspendedUntil(id);
    }

    function _suspendedUntil(bytes32 id) internal view returns (uint256) {
        Span[] storage spans = _suspensions[id];
        return spans.length == 0 ? 0 : spans[spans.length - 1].until;
    }

    /// @dev When what is announced now is to be: a notice after a suspension, and not before a guarantee.
    function _effectiveAt(bytes32 id) internal view returns (uint256) {
        uint256 from = _later(block.timestamp, _suspendedUntil(id));
        return _later(from + _books[id].terms.noticeSeconds, _books[id].lockedUntil);
    }

    function _suspended(bytes32 id) internal {
        Book storage b = _books[id];
        uint256 notice = b.terms.noticeSeconds;
        _suspensions[id].push(Span(block.timestamp, block.timestamp + notice));
        if (b.withdrawableAt > block.timestamp) b.withdrawableAt += notice;
        if (b.closesAt > block.timestamp) b.closesAt += notice;
        if (b.finalAt > block.timestamp) b.finalAt += notice;
    }

    function _resumed(bytes32 id) internal {
        Book storage b = _books[id];
        Span storage span = _suspensions[id][_suspensions[id].length - 1];
        uint256 saved = span.until - block.timestamp;
        if (b.withdrawableAt > span.until) b.withdrawableAt = _later(b.withdrawableAt - saved, b.lockedUntil);
        if (b.closesAt > span.until) {
            b.closesAt = _later(b.closesAt - saved, b.lockedUntil);
            b.finalAt = b.closesAt + b.terms.noticeSeconds;
        } else if (b.finalAt > span.until) b.finalAt -= saved;
        span.until = block.timestamp;
    }

    function _isWithdrawalPending(Book storage b) internal view returns (bool) {
        return b.withdrawalAnnounced != 0 && block.timestamp < b.withdrawableAt + Limits.WITHDRAWAL_WINDOW;
    }

    function _subjectOf(IPartnerPrograms.Offer memory o) internal pure returns (bytes32) {
        return keccak256(abi.encode(o.eventName, o.kind, o.partner));
    }

    /// @dev An offer is known as it was appended, with the times that stand for 0.
    function _appended(bytes32 id, IPartnerPrograms.Offer memory o) internal {
        if (o.validFrom == 0) o.validFrom = uint40(block.timestamp);
        if (o.validTo == 0) o.validTo = type(uint40).max;
        Book storage b = _books[id];
        _offers[id][++b.offers] = o;
        _latestOffer[id][_subjectOf(o)] = b.offers;
        b.lockedUntil = _later(b.lockedUntil, o.lockedUntil);
        if (_isWithdrawalPending(b)) b.withdrawableAt = _later(b.withdrawableAt, o.lockedUntil);
    }

    function _kindsAt(bytes32 id, address partner, uint256 second) internal view returns (uint64 mask) {
        mask = _books[id].terms.openKinds;
        KindsChange[] storage changes = _kinds[id][partner];
        for (uint256 i; i < changes.length; ++i) {
            KindsChange storage k = changes[i];
            if (k.since <= second) mask = second < k.until ? k.before : k.mask;
        }
    }

    function _isTakingKinds(bytes32 id, address partner) internal view returns (bool) {
        KindsChange[] storage changes = _kinds[id][partner];
        return changes.length != 0 && block.timestamp < changes[changes.length - 1].until;
    }

    /// @dev The kinds that a partner will have left when nothing is pending any more.
    function _remainingKinds(bytes32 id, address partner) internal view returns (uint64) {
        KindsChange[] storage changes = _kinds[id][partner];
        return changes.length == 0 ? _books[id].terms.openKinds : changes[changes.length - 1].mask;
    }

    function _kindsSet(bytes32 id, address partner, uint64 mask) internal {
        uint64 before = _kindsAt(id, partner, block.timestamp);
        uint256 until = 0;
        if (_isTakingKinds(id, partner)) until = _kinds[id][partner][_kinds[id][partner].length - 1].until;
        if (_remainingKinds(id, partner) & ~mask != 0) until = block.timestamp + _books[id].terms.noticeSeconds;
        _books[id].listed = true;
        _kinds[id][partner].push(KindsChange(block.timestamp, before | mask, until, mask));
    }

    // ---------------------------------------------------------------------------------------------------- a line

    /// @dev By the published terms, in checked arithmetic of its own.
    function _worth(
        IPartnerPrograms.Attestation memory a,
        Line line
    ) internal view returns (uint256 commission, uint256 fee) {
        IPartnerPrograms.Offer storage o = _offers[a.campaignId][line.offerId()];
        if (!_isCovered(a, o)) return (0, 0);
        IPartnerPrograms.Terms storage terms = _books[a.campaignId].terms;
        uint256 volume = uint256(line.volumeUnits()) * 10 ** terms.unitExponent;
        commission = (uint256(line.count()) * o.flatAmount * 10_000 + volume * o.rateBps) / 10_000;
        fee = (commission * terms.feeBps) / 10_000;
    }

    function _total(IPartnerPrograms.Attestation memory a, Line line) internal view returns (uint256) {
        (uint256 commission, uint256 fee) = _worth(a, line);
        return commission + fee;
    }

    function _worths(
        IPartnerPrograms.Attestation memory a,
        Line[] memory lines
    ) internal view returns (uint256[] memory worths) {
        worths = new uint256[](lines.length);
        for (uint256 i; i < lines.length; ++i) {
            worths[i] = _total(a, lines[i]);
        }
    }

    function _fault(IPartnerPrograms.Attestation memory a, Line line) internal view returns (IPartnerPrograms.Fault) {
        IPartnerPrograms.Offer storage o = _offers[a.campaignId][line.offerId()];
        if (o.validTo == 0) return IPartnerPrograms.Fault.UnknownOffer;
        if (!_isCovered(a, o)) return IPartnerPrograms.Fault.PeriodOutsideOffer;
        if (line.partner() == address(0)) return IPartnerPrograms.Fault.PartnerIsZero;
        if (line.count() > a.conversions) return IPartnerPrograms.Fault.CountExceedsConversions;
        if (line.volumeUnits() > uint256(line.count()) * o.capUnits) return IPartnerPrograms.Fault.VolumeExceedsCap;
        if (o.partner != address(0)) {
            return
                o.partner == line.partner() ? IPartnerPrograms.Fault.None : IPartnerPrograms.Fault.OfferForOtherPartner;
        }
        uint64 kinds = _kindsAt(a.campaignId, line.partner(), a.periodTo - 1);
        return kinds & (uint64(1) << o.kind) != 0 ? IPartnerPrograms.Fault.None : IPartnerPrograms.Fault.KindNotPayable;
    }

    function _isCovered(
        IPartnerPrograms.Attestation memory a,
        IPartnerPrograms.Offer storage o
    ) internal view returns (bool) {
        return a.periodFrom >= o.validFrom && a.periodTo <= o.validTo;
    }

    // --------------------------------------------------------------------------------------------------- a batch

    function _levels(Batch storage b) internal view returns (LineProofs.Level[] memory) {
        IPartnerPrograms.Attestation memory a = b.a;
        Line[] memory lines = b.lines;
        return LineProofs.tree(lines, _worths(a, lines));
    }

    /// @dev The way of a known line to the root of the whole.
    function _proofOf(Batch storage b, uint256 i) internal view returns (IPartnerPrograms.LineProof memory) {
        return IPartnerPrograms.LineProof(b.first + i, b.lines[i], bytes.concat(_levels(b).path(0, i), b.path));
    }

    function _isInHold(Batch storage b) internal view returns (bool) {
        return block.timestamp < b.releaseAt;
    }

    function _isRipe(Batch storage b) internal view returns (bool) {
        if (_isInHold(b)) return false;
        for (uint256 i; i < b.settled.length; ++i) {
            if (!b.settled[i]) return true;
        }
        return false;
    }

    function _isLarge(Batch storage b) internal view returns (bool) {
        return b.path.length != 0;
    }

    /// @dev Settles a known line: what does not hold is available again.
    /// @return commission What its partner is to have.
    function _settled(Batch storage b, uint256 i) internal returns (uint256 commission) {
        if (b.settled[i]) return 0;
        b.settled[i] = true;
        Book storage book = _books[b.a.campaignId];
        uint256 fee;
        (commission, fee) = _worth(b.a, b.lines[i]);
        b.spent += commission + fee;
        book.reserved -= commission + fee;
        if (b.faults[i] != IPartnerPrograms.Fault.None) return 0;
        _earned(book, commission, fee);
    }

    /// @dev A commission is released, with its fee; who has it is for the caller to say.
    function _earned(Book storage book, uint256 commission, uint256 fee) internal {
        book.released += commission;
        book.fees += fee;
        credits[book.terms.operator][book.terms.token] += fee;
    }

    // --------------------------------------------------------------------------------------------------- payment

    function _payoutOf(address owner) internal view returns (address receiver, uint32 lock) {
        Payout storage p = _payouts[owner];
        return p.nextAt != 0 && block.timestamp >= p.nextAt ? (p.nextReceiver, p.nextLock) : (p.receiver, p.lock);
    }

    function _payoutSet(address owner, address receiver, uint32 lock) internal {
        (address current, uint32 locked) = _payoutOf(owner);
        Payout storage p = _payouts[owner];
        if (locked == 0) (p.receiver, p.lock, p.nextAt) = (receiver, lock, 0);
        else {
            (p.receiver, p.lock) = (current, locked);
            (p.nextReceiver, p.nextLock, p.nextAt) = (receiver, lock, block.timestamp + locked);
        }
    }

    function _pushedTo(address owner) internal view returns (address) {
        (address receiver, ) = _payoutOf(owner);
        return receiver == address(0) ? owner : receiver;
    }

    function _refusesPush(address owner, address sender) internal view returns (bool) {
        (, uint32 lock) = _payoutOf(owner);
        return sender != owner && lock == 0 && _payouts[owner].optedOut;
    }

    /// @dev Whether an owner's own claim may go there.
    function _isLockedAgainst(address owner, address receiver) internal view returns (bool) {
        (, uint32 lock) = _payoutOf(owner);
        return lock != 0 && receiver != _pushedTo(owner);
    }
}
