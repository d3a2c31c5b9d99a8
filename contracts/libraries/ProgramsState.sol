// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";
import { BatchHead } from "../types/Batch.sol";
import { Kinds } from "./Kinds.sol";

/// @title ProgramsState
/// @notice What stands in which slot of {PartnerPrograms}, read from outside by `extsload`. {PartnerProgramsLens} shows all of it;
/// a contract that needs one value takes it from here.
/// @dev The slots follow from the order of fields in {PartnerPrograms}, {Campaign}, {Batch} and {Payout}; a test compares them.
library ProgramsState {
    uint256 private constant CAMPAIGNS = 2;
    uint256 private constant BATCHES = 3;
    uint256 private constant CREDITS = 4;
    uint256 private constant PAYOUTS = 5;

    // Slots of a campaign, from its first on.
    uint256 private constant OFFERS = 9;
    uint256 private constant PARTNER_OF = 10;
    uint256 private constant ATTESTER_SETS = 12;
    uint256 private constant KINDS = 13;

    /// @notice The changing state of a campaign, as stored: what was announced is in force from its time on without a transaction.
    struct CampaignState {
        uint128 available;
        uint128 reserved;
        uint64 nextConversion;
        /// Attestation is suspended before this time.
        uint40 suspendedUntil;
        /// No period may end after `closesAt`, nothing can be attested from `finalAt` on. 0: not closing.
        uint40 closesAt;
        uint40 finalAt;
        /// Index of the attester set in force; if another is announced it is the next index, from its own time on.
        uint16 attesterSet;
        uint16 offerCount;
        bool attestersAnnounced;
        /// Whether a daily limit was ever set.
        bool limited;
        bool withdrawalAnnounced;
        /// Whether partners were ever listed.
        bool kindsListed;
        address brand;
        /// The latest `lockedUntil` of its offers: it cannot close, nor can a withdrawal be made, before.
        uint40 lockedUntil;
        /// Who may take it over, and from when on.
        address pendingBrand;
        uint40 transferableAt;
        /// The announced withdrawal can be made in [withdrawableAt, withdrawableAt + 7 days). 0: none announced.
        uint128 withdrawalAmount;
        uint40 withdrawableAt;
        /// Commissions and fees that may be attested per UTC day; from `nextDailyLimitAt` on (if not 0) the next.
        uint128 dailyLimit;
        uint128 nextDailyLimit;
        /// Attested on UTC day `spentOnDay` (days since 1970).
        uint128 spent;
        uint32 spentOnDay;
        uint40 nextDailyLimitAt;
    }

    /// @notice What is stored of a batch.
    struct BatchState {
        /// 0: no such batch, or one with a hold of 0, of which the credits are all there is.
        uint40 releaseAt;
        /// The set that attested it, and that alone can reverse.
        uint16 attesterSet;
        /// After reversals: keccak256(root, total) of its tree. 0: it stands as it was attested.
        bytes32 loweredTo;
    }

    /// @notice Where an owner is paid, as stored.
    struct PayoutState {
        address receiver;
        uint32 lockSeconds;
        /// From this time on (if not 0) the next are in force.
        uint40 nextAt;
        bool optedOut;
        address nextReceiver;
        uint32 nextLockSeconds;
    }

    function termsOf(
        IPartnerPrograms programs,
        bytes32 campaignId
    ) internal view returns (IPartnerPrograms.Terms memory t) {
        uint256 slot = _campaign(campaignId);
        uint256 word = _load(programs, slot);
        t.token = address(uint160(word));
        t.holdSeconds = uint32(word >> 160);
        t.noticeSeconds = uint32(word >> 192);
        t.feeBps = uint16(word >> 224);
        t.unitExponent = uint8(word >> 240);
        t.linesOnChain = word >> 248 != 0;
        // The notice is never zero.
        require(t.noticeSeconds != 0, IPartnerPrograms.UnknownCampaign(campaignId));
        word = _load(programs, slot + 1);
        t.operator = address(uint160(word));
        t.openKinds = uint64(word >> 160);
    }

    function tokenOf(IPartnerPrograms programs, bytes32 campaignId) internal view returns (address token) {
        token = address(uint160(_load(programs, _campaign(campaignId))));
        // No campaign is in the token zero.
        require(token != address(0), IPartnerPrograms.UnknownCampaign(campaignId));
    }

    /// @notice Reverts with `UnknownCampaign` if there is none.
    function check(IPartnerPrograms programs, bytes32 campaignId) internal view {
        tokenOf(programs, campaignId);
    }

    function campaign(IPartnerPrograms programs, bytes32 campaignId) internal view returns (CampaignState memory s) {
        uint256 slot = _campaign(campaignId);
        s.kindsListed = uint8(_load(programs, slot + 1) >> 224) != 0;
        uint256 word = _load(programs, slot + 2);
        (s.available, s.reserved) = (uint128(word), uint128(word >> 128));
        word = _load(programs, slot + 3);
        // The next number is never zero.
        require(word != 0, IPartnerPrograms.UnknownCampaign(campaignId));
        s.nextConversion = uint64(word);
        s.suspendedUntil = uint40(word >> 64);
        s.closesAt = uint40(word >> 104);
        s.finalAt = uint40(word >> 144);
        s.attesterSet = uint16(word >> 184);
        s.offerCount = uint16(word >> 200);
        s.attestersAnnounced = uint8(word >> 216) != 0;
        s.limited = uint8(word >> 224) != 0;
        s.withdrawalAnnounced = uint8(word >> 232) != 0;
        word = _load(programs, slot + 4);
        (s.brand, s.lockedUntil) = (address(uint160(word)), uint40(word >> 160));
        word = _load(programs, slot + 5);
        (s.pendingBrand, s.transferableAt) = (address(uint160(word)), uint40(word >> 160));
        word = _load(programs, slot + 6);
        (s.withdrawalAmount, s.withdrawableAt) = (uint128(word), uint40(word >> 128));
        word = _load(programs, slot + 7);
        (s.dailyLimit, s.nextDailyLimit) = (uint128(word), uint128(word >> 128));
        word = _load(programs, slot + 8);
        (s.spent, s.spentOnDay, s.nextDailyLimitAt) = (uint128(word), uint32(word >> 128), uint40(word >> 160));
    }

    /// @dev One that does not exist, of any campaign or none, has a `validTo` of 0.
    function offer(
        IPartnerPrograms programs,
        bytes32 campaignId,
        uint256 offerId
    ) internal view returns (IPartnerPrograms.Offer memory o) {
        uint256 slot = _campaign(campaignId);
        uint256 entry = _entry(offerId, slot + OFFERS);
        uint256 word = _load(programs, entry);
        o.flatAmount = uint96(word);
        o.rateBps = uint16(word >> 96);
        o.capUnits = uint56(word >> 112);
        o.validFrom = uint40(word >> 168);
        o.validTo = uint40(word >> 208);
        o.kind = uint8(word >> 248);
        word = _load(programs, entry + 1);
        o.eventName = bytes24(uint192(word));
        o.lockedUntil = uint40(word >> 192);
        o.partner = address(uint160(_load(programs, _entry(offerId, slot + PARTNER_OF))));
    }

    /// @dev A set that does not exist, of any campaign or none, takes effect at 0.
    function attesterSet(
        IPartnerPrograms programs,
        bytes32 campaignId,
        uint256 index
    ) internal view returns (address[] memory members, uint8 threshold, uint40 effectiveAt) {
        uint256 entry = _entry(index, _campaign(campaignId) + ATTESTER_SETS);
        uint256 word = _load(programs, entry);
        members = new address[](uint8(word));
        (threshold, effectiveAt) = (uint8(word >> 8), uint40(word >> 16));
        for (uint256 i; i < members.length; ++i) {
            members[i] = i == 0 ? address(uint160(word >> 56)) : address(uint160(_load(programs, entry + i)));
        }
    }

    /// @notice Kinds under which a partner is paid for a period that ended at `periodTo`: none where there is no campaign.
    function kindsFor(
        IPartnerPrograms programs,
        bytes32 campaignId,
        address partner,
        uint256 periodTo
    ) internal view returns (uint64) {
        uint256 slot = _campaign(campaignId);
        uint256 word = _load(programs, slot + 1);
        uint64 openKinds = uint64(word >> 160);
        if (uint8(word >> 224) == 0) return openKinds;
        uint256 entry = _entry(uint256(uint160(partner)), slot + KINDS);
        uint256 second = periodTo == 0 ? 0 : periodTo - 1;
        uint256 checkpoint = _load(programs, entry);
        if (checkpoint == 0) return openKinds;
        uint256 earlier = _load(programs, entry + 1);
        uint256 first = uint256(keccak256(abi.encode(entry + 1)));
        // From the latest back: whoever asks wants a recent one.
        while (Kinds.since(checkpoint) > second) {
            if (earlier == 0) return openKinds;
            checkpoint = _load(programs, first + --earlier);
        }
        return Kinds.maskAt(checkpoint, second);
    }

    function batch(IPartnerPrograms programs, bytes32 attestation) internal view returns (BatchState memory b) {
        uint256 entry = _entry(uint256(attestation), BATCHES);
        BatchHead head = BatchHead.wrap(_load(programs, entry));
        b.releaseAt = uint40(head.releaseAt());
        b.attesterSet = head.attesterSet();
        if (head.isLowered()) b.loweredTo = bytes32(_load(programs, entry + 1));
    }

    /// @notice Which lines of a batch were settled: bit i is line 256 x word + i.
    function settled(
        IPartnerPrograms programs,
        bytes32 attestation,
        uint256 word
    ) internal view returns (uint256 marks) {
        uint256 entry = _entry(uint256(attestation), BATCHES);
        marks = _load(programs, _entry(word, entry + 2));
        if (word == 0) marks |= BatchHead.wrap(_load(programs, entry)).marks();
    }

    function creditOf(IPartnerPrograms programs, address owner, address token) internal view returns (uint256) {
        uint256 ofToken = _entry(uint256(uint160(token)), CREDITS);
        uint256 onePlusAmount = _load(programs, _entry(uint256(uint160(owner)), ofToken));
        return onePlusAmount == 0 ? 0 : onePlusAmount - 1;
    }

    function payoutOf(IPartnerPrograms programs, address owner) internal view returns (PayoutState memory p) {
        uint256 entry = _entry(uint256(uint160(owner)), PAYOUTS);
        uint256 word = _load(programs, entry);
        p.receiver = address(uint160(word));
        p.lockSeconds = uint32(word >> 160);
        p.nextAt = uint40(word >> 192);
        p.optedOut = uint8(word >> 232) != 0;
        word = _load(programs, entry + 1);
        (p.nextReceiver, p.nextLockSeconds) = (address(uint160(word)), uint32(word >> 160));
    }

    function _campaign(bytes32 campaignId) private pure returns (uint256) {
        return _entry(uint256(campaignId), CAMPAIGNS);
    }

    /// @dev The slot of a mapping's entry.
    function _entry(uint256 key, uint256 slot) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(key, slot)));
    }

    function _load(IPartnerPrograms programs, uint256 slot) private view returns (uint256) {
        return uint256(programs.extsload(bytes32(slot)));
    }
}
