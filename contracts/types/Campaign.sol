// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Kinds } from "../libraries/Kinds.sol";
import { Quorum } from "../libraries/Quorum.sol";
import { OfferTerms } from "./OfferTerms.sol";

/// @title Campaign
/// @notice What is stored of a campaign. It is kept apart from all others by accounting: `available` and `reserved` are its own.
/// @dev The order is that of slots, each read and written as a whole by some operation; {ProgramsState} reads them from outside.
struct Campaign {
    // Slot 0: of the terms, what every operation reads.
    address token;
    uint32 holdSeconds;
    uint32 noticeSeconds;
    uint16 feeBps;
    uint8 unitExponent;
    bool linesOnChain;
    // Slot 1: the other terms, read when lines are settled, and what is read with them.
    address operator;
    uint64 openKinds;
    /// Whether partners were ever listed: only then are partners' kinds read.
    bool kindsListed;
    // Slot 2: the budget.
    uint128 available;
    uint128 reserved;
    // Slot 3: what an attestation reads and writes besides money.
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
    /// Whether a daily limit was ever set: only then are the two slots of it read.
    bool limited;
    /// Whether a withdrawal is announced, which attestations may lower.
    bool withdrawalAnnounced;
    // Slot 4
    address brand;
    /// The latest `lockedUntil` of its offers: it cannot close, nor can a withdrawal be made, before.
    uint40 lockedUntil;
    // Slot 5: who may take it over, and from when on. 0: nobody.
    address pendingBrand;
    uint40 transferableAt;
    // Slot 6: the announced withdrawal can be made in [withdrawableAt, withdrawableAt + 7 days). 0: none announced.
    uint128 withdrawalAmount;
    uint40 withdrawableAt;
    // Slot 7: commissions and fees that may be attested per UTC day; from `nextDailyLimitAt` on (if not 0) the next.
    uint128 dailyLimit;
    uint128 nextDailyLimit;
    // Slot 8: attested on UTC day `spentOnDay` (days since 1970).
    uint128 spent;
    uint32 spentOnDay;
    uint40 nextDailyLimitAt;
    // Slots 9 to 13
    mapping(uint256 offerId => StoredOffer) offers;
    /// For whom the offer is, if it is for one partner: apart, because the others would pay for a slot of zero.
    mapping(uint256 offerId => address) partnerOf;
    mapping(bytes32 subject => uint256 offerId) latestOffer;
    mapping(uint256 index => Quorum.Set) attesterSets;
    mapping(address partner => Kinds.History) kinds;
}

/// @title StoredOffer
/// @notice An {IPartnerPrograms-Offer} but for its partner, in two slots. What prices and judges a line is in the first.
struct StoredOffer {
    OfferTerms terms;
    bytes24 eventName;
    uint40 lockedUntil;
}
