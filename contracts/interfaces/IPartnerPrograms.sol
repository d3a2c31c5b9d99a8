// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Line } from "../types/Line.sol";

/// @title IPartnerPrograms
/// @notice Partner programs that pay by themselves. A brand locks a budget and publishes what it pays for; signers that the
/// brand chose attest which conversions happened; the contract computes the commissions from the published offers, holds
/// them for the published time, and pays. Once attested nobody's approval is needed again.
///
///     available --attest--> reserved (hold) --release--> credit --claim--> paid
///         ^                     |
///         +------ reverse ------+             withdraw, with notice, takes from available only
///
/// @dev Units: amounts are base units of the campaign's token; volumes are volume units, 10^unitExponent base units each;
/// rates and fees are basis points; times are Unix seconds, durations seconds. Nobody owns the contract, nothing in it can be
/// upgraded or paused. Conventions of the documentation below: "brand" is the campaign's current brand; a function
/// without a "who" may be called by anyone; every function of a campaign reverts with `UnknownCampaign` if there is none.
interface IPartnerPrograms {
    // ------------------------------------------------------------------------------------------------ structs

    /// @notice What can never change about a campaign. Its id binds these, so a signature for the campaign does too.
    struct Terms {
        /// ERC-20 token, or 0xEeee…EEeE for the native coin (ERC-7528). Fee-on-transfer and rebasing are not supported.
        address token;
        /// How long an attested commission can still be reversed. 0: it is credited at once.
        uint32 holdSeconds;
        /// How long before it takes effect a change for the worse is announced. 1 day to 365 days, not below the hold.
        uint32 noticeSeconds;
        /// Kinds (bit mask) of a partner that nobody listed. 0: allow-list.
        uint16 openKinds;
        /// The operator's fee on top of each commission, at most 2,000 basis points. Paid from the budget.
        uint16 feeBps;
        /// One volume unit is 10^unitExponent base units of the token. At most 24.
        uint8 unitExponent;
        /// Who receives the fee. Zero exactly when the fee is zero.
        address operator;
    }

    /// @notice A published rule: an event by a partner of a kind earns count x flatAmount + volume x rate. Offers count from 1.
    /// @dev The order of the fields is that of two storage slots; what an attestation needs is in the first.
    struct Offer {
        /// Base units per conversion.
        uint96 flatAmount;
        /// Basis points of the volume, at most 10,000.
        uint16 rateBps;
        /// The most volume units that one conversion counts for. 0: this offer takes no volume.
        uint56 capUnits;
        /// Valid in [validFrom, validTo). When appended: validFrom 0 is now, validTo 0 is without end.
        uint40 validFrom;
        uint40 validTo;
        /// Kind of partner, 0 to 15: 0 affiliate, 1 referral, 2 reseller, 3 customer, 4 recruiter, 5 to 15 the campaign's own.
        uint8 kind;
        /// Name of the event, ASCII, left-aligned, for example "signup".
        bytes24 eventName;
        /// It cannot be retired, nor its campaign closed, to take effect before this time: at most 36,500 days ahead when
        /// appended. 0: no such guarantee.
        uint40 lockedUntil;
    }

    /// @notice Everything a campaign begins with.
    struct NewCampaign {
        /// Tells apart campaigns of one brand with the same terms.
        bytes32 salt;
        Terms terms;
        /// Its first offers; more can be appended.
        Offer[] offers;
        /// n = 1 to 16 addresses, strictly ascending, in force at once; m = threshold of them sign, 2m > n.
        address[] attesters;
        uint8 threshold;
        /// Most commissions and fees to be attested in one UTC day; 2^128 - 1 for no limit.
        uint128 dailyLimit;
        /// keccak256 of the description's bytes (attribution window, rate sources, texts), and where they are.
        bytes32 descriptionHash;
        string descriptionUri;
    }

    /// @notice A batch of conversions, as the attesters sign it (EIP-712).
    struct Attestation {
        bytes32 campaignId;
        /// Must be the campaign's next conversion number.
        uint64 firstConversion;
        /// How many conversions: the numbers firstConversion … firstConversion + conversions - 1.
        uint32 conversions;
        /// The conversions were received in [periodFrom, periodTo).
        uint40 periodFrom;
        uint40 periodTo;
        /// Not valid after this time.
        uint40 deadline;
        /// Root over the leaves of the single conversions. Not checked here; it makes a lie provable.
        bytes32 conversionsRoot;
        /// 1 to 512, strictly ascending by (offer, partner).
        Line[] lines;
    }

    /// @notice A correction of a batch within its hold, as the attesters sign it (EIP-712).
    struct Reversal {
        bytes32 campaignId;
        /// The digest of the attestation.
        bytes32 attestation;
        /// What lines are lowered to: each becomes the smaller of itself and its target, in count and in volume.
        Line[] targets;
        /// keccak256 of the published reason.
        bytes32 reasonHash;
    }

    /// @notice One attester's signature: its index in the set, and 65 bytes (r, s, v), or whatever its ERC-1271 code takes.
    struct Signature {
        uint8 attester;
        bytes signature;
    }

    /// @notice A line of a batch with its place in the batch's tree.
    struct LineProof {
        uint16 index;
        Line line;
        bytes32[] proof;
    }

    /// @notice An owner's order to pay its credits, as the owner signs it (EIP-712).
    struct ClaimOrder {
        address owner;
        address receiver;
        address[] tokens;
        /// Must be `nonces(owner)`.
        uint256 nonce;
        /// Not valid after this time.
        uint256 deadline;
    }

    /// @notice The changing state of a campaign, as stored: what was announced is in force from its time on without a
    /// transaction (the Lens shows it settled to the current block).
    struct CampaignState {
        uint128 available;
        uint128 reserved;
        // One slot: what an attestation reads and writes of the state besides money.
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
        /// Whether partners were ever listed: only then are partners' kinds read.
        bool kindsListed;
        /// Whether a daily limit was ever set: only then are the two slots of it read.
        bool limited;
        /// A copy of the terms', so that an attestation reads one slot less.
        uint8 unitExponent;
        address brand;
        /// The latest `lockedUntil` of its offers: it cannot close before.
        uint40 lockedUntil;
        address pendingBrand;
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
        /// Root over its lines as they stand after reversals. 0: no such batch.
        bytes32 linesRoot;
        uint40 releaseAt;
        uint16 lineCount;
        /// The set that attested it, and that alone can reverse.
        uint16 attesterSet;
        /// Bit i of word i / 256: line i was released.
        uint256[2] released;
    }

    /// @notice The kinds of a listed partner.
    struct Kinds {
        uint16 mask;
        /// Kinds taken away stay payable for periods that end by `effectiveAt`.
        uint16 previousMask;
        uint40 effectiveAt;
        bool listed;
    }

    // ------------------------------------------------------------------------------------------------- events
    // Announcements have one shape: what changes, and last the time it takes effect. What a suspension defers, and a
    // resumption takes back, follows from the campaign's notice and the block's time.

    event CampaignCreated(
        bytes32 indexed campaignId,
        address indexed brand,
        address indexed token,
        bytes32 salt,
        Terms terms
    );
    event DescriptionAnnounced(
        bytes32 indexed campaignId,
        bytes32 indexed contentHash,
        string uri,
        uint256 effectiveAt
    );
    event OfferAppended(bytes32 indexed campaignId, uint256 indexed offerId, Offer offer);
    event OfferRetirementAnnounced(bytes32 indexed campaignId, uint256 indexed offerId, uint256 effectiveAt);
    event AttestersAnnounced(
        bytes32 indexed campaignId,
        uint256 indexed attesterSet,
        uint8 threshold,
        address[] members,
        uint256 effectiveAt
    );
    /// @notice What is stored of the partner from here on (see `Kinds`).
    event KindsSet(
        bytes32 indexed campaignId,
        address indexed partner,
        uint16 mask,
        uint16 previousMask,
        uint256 effectiveAt
    );
    event DailyLimitAnnounced(bytes32 indexed campaignId, uint256 dailyLimit, uint256 effectiveAt);
    event Suspended(bytes32 indexed campaignId, uint256 suspendedUntil);
    event Resumed(bytes32 indexed campaignId);
    event ClosingAnnounced(bytes32 indexed campaignId, uint256 finalAt, uint256 effectiveAt);
    event BrandTransferStarted(bytes32 indexed campaignId, address indexed brand, address indexed pendingBrand);
    event BrandTransferred(bytes32 indexed campaignId, address indexed previousBrand, address indexed brand);

    event Funded(bytes32 indexed campaignId, address indexed funder, uint256 amount);
    event WithdrawalAnnounced(bytes32 indexed campaignId, uint256 amount, uint256 effectiveAt);
    event WithdrawalCancelled(bytes32 indexed campaignId);
    event Withdrawn(bytes32 indexed campaignId, address indexed receiver, uint256 amount);

    /// @param attestation The EIP-712 digest that was signed, the batch's name from here on.
    /// @param body What was signed.
    event Attested(
        bytes32 indexed campaignId,
        bytes32 indexed attestation,
        uint256 indexed attesterSet,
        uint256 commission,
        uint256 fee,
        uint256 releaseAt,
        Attestation body
    );
    /// @param lines The lines as they stand after the reversal.
    event Reversed(
        bytes32 indexed campaignId,
        bytes32 indexed attestation,
        bytes32 indexed reasonHash,
        uint256 commission,
        uint256 fee,
        Line[] lines
    );
    /// @param lines Bit i of word i / 256: line i was released by this call, its partner credited.
    event Released(
        bytes32 indexed campaignId,
        bytes32 indexed attestation,
        uint256 commission,
        uint256 fee,
        uint256[2] lines
    );
    /// @notice One line was released and paid at once, without passing through the partner's credit.
    event Pulled(
        bytes32 indexed campaignId,
        bytes32 indexed attestation,
        address indexed partner,
        uint256 index,
        uint256 commission,
        uint256 fee
    );
    event Claimed(address indexed owner, address indexed token, address indexed receiver, uint256 amount);
    event PayOutOptedOut(address indexed owner, bool optedOut);

    // ------------------------------------------------------------------------------------------------- errors

    error UnknownCampaign(bytes32 campaignId);
    error CampaignExists(bytes32 campaignId);
    error NotBrand(address caller, address brand);
    error NotPendingBrand(address caller, address pendingBrand);

    error InvalidToken(address token);
    error InvalidNotice(uint256 noticeSeconds, uint256 shortest, uint256 longest);
    error FeeTooHigh(uint256 feeBps, uint256 most);
    error FeeWithoutOperator(uint256 feeBps, address operator);
    error UnitTooLarge(uint256 unitExponent, uint256 most);

    error UnknownOffer(bytes32 campaignId, uint256 offerId);
    error InvalidKind(uint256 kind);
    error RateTooHigh(uint256 rateBps, uint256 most);
    error OfferPaysNothing(bytes24 eventName, uint256 kind);
    error OfferStartsInPast(uint256 validFrom, uint256 time);
    error OfferEndsTooEarly(uint256 validTo, uint256 notBefore);
    error GuaranteeTooLong(uint256 lockedUntil, uint256 latest);
    error OfferOverlaps(uint256 offerId, uint256 validTo, uint256 validFrom);
    error OfferEndsAlready(uint256 offerId, uint256 validTo, uint256 effectiveAt);

    error InvalidThreshold(uint256 threshold, uint256 members);
    error AttestersNotAscending(uint256 index, address previous, address member);
    error KindsChangePending(address partner, uint256 until);

    error SuspensionTooSoon(uint256 time, uint256 notBefore);
    error NotSuspended(bytes32 campaignId);
    error CampaignSuspended(bytes32 campaignId, uint256 until);
    error ClosingAlready(bytes32 campaignId, uint256 closesAt);
    error CampaignClosed(bytes32 campaignId, uint256 since);

    error NoWithdrawal(bytes32 campaignId);
    error WithdrawalPending(bytes32 campaignId, uint256 effectiveAt);
    error WithdrawalNotMature(uint256 time, uint256 effectiveAt);
    error WithdrawalLapsed(uint256 time, uint256 lapsedAt);
    error ZeroAmount();
    error BudgetTooLarge(uint256 amount, uint256 most);
    error ZeroAddress();
    error WrongNativeAmount(uint256 expected, uint256 sent);
    error WrongAmountArrived(address token, uint256 expected, uint256 arrived);
    error NativeTransferFailed(address receiver, uint256 amount);

    error ConversionOutOfOrder(bytes32 campaignId, uint256 next, uint256 given);
    error NoConversions(bytes32 campaignId);
    error DeadlinePassed(uint256 deadline, uint256 time);
    error InvalidPeriod(uint256 periodFrom, uint256 periodTo, uint256 time);
    /// @notice A period is attested within one notice of its end; two, until a notice after a suspension.
    error PeriodTooOld(uint256 periodTo, uint256 notBefore);
    /// @param most The most there may be; where a number is given (`release`, `reverse`), the number it has to be.
    error InvalidLineCount(uint256 count, uint256 most);
    error LinesNotAscending(uint256 index, Line previous, Line line);
    error PartnerIsZero(uint256 index);
    error PeriodOutsideOffer(uint256 offerId, uint256 validFrom, uint256 validTo);
    error KindNotPayable(address partner, uint256 kinds, uint256 kind);
    error VolumeExceedsCap(uint256 index, uint256 volumeUnits, uint256 mostUnits);
    error CountsExceedConversions(uint256 offerId, uint256 counts, uint256 conversions);
    error ConversionsExceedCounts(uint256 conversions, uint256 counts);
    error InsufficientBudget(bytes32 campaignId, uint256 required, uint256 available);
    error DailyLimitExceeded(bytes32 campaignId, uint256 required, uint256 remaining);
    error TooFewSignatures(uint256 threshold, uint256 signatures);
    error AttestersOutOfOrder(uint256 position, uint256 attester, uint256 members);
    /// @notice `signer` did not sign `digest`: another key signed, or something signed was changed on the way.
    error InvalidSignature(address signer, bytes32 digest);

    error UnknownBatch(bytes32 campaignId, bytes32 attestation);
    error HoldOver(uint256 time, uint256 releaseAt);
    error HoldNotOver(uint256 time, uint256 releaseAt);
    error TargetForOtherLine(uint256 position, Line target, Line line);
    /// @notice What was given is not what the batch's root commits to (any more: a reversal changes the root).
    error LinesDifferFromBatch(bytes32 root, bytes32 given);
    error UnknownLine(uint256 index, uint256 lineCount);
    error LineReleasedAlready(bytes32 attestation, uint256 index);
    error NothingToPay(address owner);
    error OptedOut(address owner);
    error WrongNonce(address owner, uint256 expected, uint256 given);

    // --------------------------------------------------------------------------------- the brand: a campaign

    /// @notice Creates a campaign; the caller is its brand. Fund it afterwards.
    /// @return campaignId keccak256(chain id, this contract, brand, salt, terms).
    /// @dev Reverts with `CampaignExists`, `InvalidToken`, `InvalidNotice`, `FeeTooHigh`, `FeeWithoutOperator`,
    /// `UnitTooLarge`, and with what `appendOffer` and `announceAttesters` revert with.
    function createCampaign(NewCampaign calldata given) external returns (bytes32 campaignId);

    /// @notice Publishes a new offer. Brand only.
    /// @dev For an event and a kind at most one offer is valid at a time: a new one begins where the last ends, never in
    /// the past. A closing campaign gives no guarantee beyond its closing (`CampaignClosed`). Reverts with `InvalidKind`, `RateTooHigh`, `OfferPaysNothing`, `OfferStartsInPast`, `OfferEndsTooEarly`,
    /// `GuaranteeTooLong`, `OfferOverlaps`.
    function appendOffer(bytes32 campaignId, Offer calldata offer) external returns (uint256 offerId);

    /// @notice Ends an offer after the notice, or at its guarantee (`lockedUntil`) or its beginning if that is later. Brand only.
    /// @dev Reverts with `UnknownOffer`, `OfferEndsAlready`.
    function retireOffer(bytes32 campaignId, uint256 offerId) external returns (uint256 effectiveAt);

    /// @notice Replaces the attesters after the notice. Brand only. A set announced before and not yet in force is replaced.
    /// @dev What the present set signed and nobody submitted until then is void. Reverts with `InvalidThreshold`,
    /// `AttestersNotAscending`.
    function announceAttesters(
        bytes32 campaignId,
        uint8 threshold,
        address[] calldata members
    ) external returns (uint256 effectiveAt);

    /// @notice Lists partners with their kinds. Brand only. New kinds are payable at once; kinds taken away stay payable for
    /// periods that end within the notice. One withdrawal of kinds at a time for a partner.
    /// @dev Reverts with `KindsChangePending`.
    function setKinds(
        bytes32 campaignId,
        address[] calldata partners,
        uint16 kinds
    ) external returns (uint256 effectiveAt);

    /// @notice Changes the daily limit: raised at once, lowered after the notice. Brand only. Replaces an announced change.
    function setDailyLimit(bytes32 campaignId, uint128 dailyLimit) external returns (uint256 effectiveAt);

    /// @notice Announces a new description. Brand only. It binds off-chain: attribution, window, sources of rates.
    function announceDescription(
        bytes32 campaignId,
        bytes32 contentHash,
        string calldata uri
    ) external returns (uint256 effectiveAt);

    /// @notice Stops new attestations for one notice at most. Brand only. The next suspension may begin one notice after the
    /// end of the last. An announced withdrawal and closing do not count down meanwhile.
    /// @dev Nothing that is attested is touched. Reverts with `SuspensionTooSoon`.
    function suspend(bytes32 campaignId) external returns (uint256 suspendedUntil);

    /// @notice Ends a suspension early. Brand only. Reverts with `NotSuspended`.
    function resume(bytes32 campaignId) external;

    /// @notice Announces the end, after the notice or at the last offer's guarantee if that is later. Brand only, once,
    /// for ever. Periods that ended by then can be attested for one notice more, then the rest is withdrawable.
    /// @dev Reverts with `ClosingAlready`.
    function closeCampaign(bytes32 campaignId) external returns (uint256 effectiveAt);

    /// @notice Offers the campaign to another brand, which accepts. Brand only. Zero takes the offer back.
    function transferCampaign(bytes32 campaignId, address newBrand) external;

    /// @notice Takes over a campaign. Pending brand only. Reverts with `NotPendingBrand`.
    function acceptCampaign(bytes32 campaignId) external;

    // ------------------------------------------------------------------------------------------------- budget

    /// @notice Adds to the budget. Whoever funds gives the money away: only the brand can withdraw.
    /// @param amount ERC-20: taken from the caller, who has approved it. Native coin: must equal the value sent.
    /// @dev Reverts with `ZeroAmount`, `CampaignClosed`, `BudgetTooLarge`, `WrongNativeAmount`, `WrongAmountArrived`.
    function fund(bytes32 campaignId, uint256 amount) external payable;

    /// @notice `fund` with an ERC-2612 permit by the caller. A permit that somebody else used already does no harm.
    /// @dev Reverts with `InvalidToken` for the native coin, and as `fund` does.
    function fundWithPermit(
        bytes32 campaignId,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice Announces a withdrawal. Brand only, one at a time. It lapses seven days after it matures.
    /// @dev Reverts with `ZeroAmount`, `WithdrawalPending`.
    function announceWithdrawal(bytes32 campaignId, uint128 amount) external returns (uint256 effectiveAt);

    /// @notice Takes the announced withdrawal back. Brand only. Reverts with `NoWithdrawal`.
    function cancelWithdrawal(bytes32 campaignId) external;

    /// @notice Makes the announced withdrawal, or what is available of it; all that is available once the campaign is final.
    /// Brand only.
    /// @dev Never touches what is attested. Reverts with `NoWithdrawal`, `WithdrawalNotMature`, `WithdrawalLapsed`,
    /// `ZeroAmount` (nothing is available), `ZeroAddress`.
    function withdraw(bytes32 campaignId, address receiver) external returns (uint256 amount);

    // -------------------------------------------------------------------------------- from conversion to credit

    /// @notice Turns a signed batch of conversions into commissions: available → reserved, or → credit if the hold is 0.
    /// @return attestationDigest The batch's name from here on.
    /// @dev Anyone may carry it; the signatures are of the set in force now. Reverts, in this order, with
    /// `ConversionOutOfOrder`, `NoConversions`, `DeadlinePassed`, `InvalidPeriod`, `PeriodTooOld`, `CampaignSuspended`, `CampaignClosed`,
    /// `InvalidLineCount`, for each line `LinesNotAscending`, `PartnerIsZero`, `UnknownOffer`, `PeriodOutsideOffer`,
    /// `KindNotPayable`, `VolumeExceedsCap`, `CountsExceedConversions`, then `ConversionsExceedCounts`,
    /// `InsufficientBudget`, `DailyLimitExceeded`, `TooFewSignatures`, `AttestersOutOfOrder`, `InvalidSignature`.
    function attest(
        Attestation calldata attestation,
        Signature[] calldata signatures
    ) external returns (bytes32 attestationDigest);

    /// @notice Lowers lines of a batch within its hold; the difference, with its fee, returns to the budget.
    /// @param current The lines of `reversal.targets` as they stand now, in the same order, with proofs. When several are
    /// changed, each proof is against the tree as the ones before it leave it.
    /// @dev Anyone may carry it; the signatures are of the set that attested. It may be carried twice: order and
    /// repetition do not matter, and the release time does not move. Reverts with `UnknownBatch`, `HoldOver`, what `attest`
    /// says of signatures, `InvalidLineCount`, `TargetForOtherLine`, `UnknownLine`, `LinesDifferFromBatch`.
    function reverse(
        Reversal calldata reversal,
        LineProof[] calldata current,
        Signature[] calldata signatures
    ) external returns (uint256 returned);

    /// @notice Releases lines of a batch whose hold is over: their partners are credited, and the operator with its fee.
    /// @param lines All lines of the batch, as they stand after reversals.
    /// @param indices Which of them; none given means all. A line released before is passed over.
    /// @return commission What was credited to partners.
    /// @dev Reverts with `UnknownBatch`, `HoldNotOver`, `InvalidLineCount`, `LinesDifferFromBatch`, `UnknownLine`.
    function release(
        bytes32 campaignId,
        bytes32 attestation,
        Line[] calldata lines,
        uint16[] calldata indices
    ) external returns (uint256 commission);

    /// @notice Releases one line by its proof and pays its partner at once.
    /// @dev Reverts with `UnknownBatch`, `HoldNotOver`, `UnknownLine`, `LinesDifferFromBatch`, `LineReleasedAlready`, and with
    /// `OptedOut` if the caller is not the partner and the partner wants no pushes; `release` is open then as ever.
    function pull(
        bytes32 campaignId,
        bytes32 attestation,
        LineProof calldata line
    ) external returns (uint256 commission);

    // ------------------------------------------------------------------------------------------------- claims
    // They work whatever the state of any campaign, for ever.

    /// @notice Pays the caller's credits in `tokens` to `receiver`; the native coin last.
    /// @dev Reverts with `ZeroAddress`, `NothingToPay` if all of them are empty, and with what a token reverts with.
    function claim(address[] calldata tokens, address receiver) external;

    /// @notice `claim` for an owner that signed an order (EIP-712; ERC-1271 for contracts).
    /// @dev Whoever carries it, it does the same. Reverts with `DeadlinePassed`, `WrongNonce`, `InvalidSignature` and what
    /// `claim` reverts with.
    function claimFor(ClaimOrder calldata order, bytes calldata signature) external;

    /// @notice Pushes the owner's credits in `tokens` to the owner. Reverts with `OptedOut`, `NothingToPay`.
    function payOut(address owner, address[] calldata tokens) external;

    /// @notice Whether others may push the caller's money to the caller (`payOut`, and `pull` by another). They may by default.
    function setPayOutOptOut(bool optedOut) external;

    // -------------------------------------------------------------------------------------------------- views
    // What is stored, as it is stored. {IPartnerProgramsLens} has the views that compute: settled state, prices, digests.

    function termsOf(bytes32 campaignId) external view returns (Terms memory);
    function campaign(bytes32 campaignId) external view returns (CampaignState memory);
    /// @dev Reverts with `UnknownOffer`.
    function offer(bytes32 campaignId, uint256 offerId) external view returns (Offer memory);
    /// @notice The members of a set, its threshold, and when it takes or took effect (0: no such set).
    function attesterSet(
        bytes32 campaignId,
        uint256 index
    ) external view returns (address[] memory members, uint8 threshold, uint40 effectiveAt);
    /// @notice What is listed of a partner; one that is not `listed` has the campaign's open kinds.
    function kindsOf(bytes32 campaignId, address partner) external view returns (Kinds memory);
    /// @notice A batch in its hold or released. With a hold of 0 there is none: the credits are all there is.
    function batch(bytes32 campaignId, bytes32 attestation) external view returns (BatchState memory);
    function creditOf(address owner, address token) external view returns (uint256);
    function nonces(address owner) external view returns (uint256);
    function payOutOptedOut(address owner) external view returns (bool);
}
