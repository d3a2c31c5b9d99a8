// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Line } from "../types/Line.sol";

/// @title IPartnerPrograms
/// @notice Partner programs that pay by themselves. A brand locks a budget and publishes what it pays for; signers that the
/// brand chose attest which conversions happened; the contract computes the commissions from the published offers, holds
/// them for the published time, and pays. Once attested nobody's approval is needed again.
///
///     available --attest--> reserved (hold) --release / pull--> credit or paid --claim--> paid
///         ^                     |
///         +------ reverse ------+     a line that does not hold goes back, too; withdraw, with notice, takes from available only
///
/// A batch is known by its digest: what was signed is handed over again to settle it, with lines and their places in a tree that
/// also sums (see {LineTree}).
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
        /// The operator's fee on top of each commission, at most 2,000 basis points. Paid from the budget.
        uint16 feeBps;
        /// One volume unit is 10^unitExponent base units of the token. At most 21.
        uint8 unitExponent;
        /// Whether lines are given to the chain with their attestation: then whoever has the chain has all that is needed to be
        /// paid. If not, they are public data that the relayer and the attesters keep. With a hold of 0 they always are.
        bool linesOnChain;
        /// Who receives the fee. Zero exactly when the fee is zero.
        address operator;
        /// Kinds (bit mask) of a partner that nobody listed. 0: allow-list.
        uint64 openKinds;
    }

    /// @notice A published rule: an event by a partner of a kind, or by one partner, earns count x flatAmount + volume x rate.
    /// Offers count from 1.
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
        /// Kind of partner, 0 to 63: 0 affiliate, 1 referral, 2 reseller, 3 customer, 4 recruiter, 5 to 63 the campaign's own;
        /// 255 exactly when the offer is for one partner.
        uint8 kind;
        /// Name of the event, 1 to 24 printable ASCII characters without spaces, then zeros, for example "signup".
        bytes24 eventName;
        /// It cannot be retired, nor its campaign closed, nor a withdrawal made, to take effect before this time: at most 36,500
        /// days ahead when appended. 0: no such guarantee.
        uint40 lockedUntil;
        /// The one partner that it is for, whatever its kinds; zero for an offer to a kind.
        address partner;
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

    /// @notice A batch of conversions, as the attesters sign it (EIP-712). Its digest is the batch's name.
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
        /// Root and sum of the tree over the lines (see {LineTree}), and how many there are.
        bytes32 linesRoot;
        uint32 lineCount;
        /// Commissions and fees of all lines: what the batch takes from the budget, and settles for at most.
        uint128 total;
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
        uint256 index;
        Line line;
        /// The siblings on its way to the root, from the leaf up: 48 bytes each, hash and sum (see {LineTree}).
        bytes path;
    }

    /// @notice A line of a batch with its place, and what a reversal lowers it to.
    struct LineReversal {
        uint256 index;
        Line line;
        Line target;
        bytes path;
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

    /// @notice An owner's order to set its payout address, as the owner signs it (EIP-712).
    struct PayoutOrder {
        address owner;
        address receiver;
        uint32 lockSeconds;
        /// Must be `nonces(owner)`: both kinds of order count together.
        uint256 nonce;
        /// Not valid after this time.
        uint256 deadline;
    }

    /// @notice Why a line does not hold.
    enum Fault {
        None,
        /// There is no such offer, or it is not valid in the whole period: such a line is worth nothing.
        UnknownOffer,
        PeriodOutsideOffer,
        PartnerIsZero,
        /// Its volume is more than its count times the offer's cap.
        VolumeExceedsCap,
        /// It counts more conversions than there are in the batch.
        CountExceedsConversions,
        /// The offer is for a kind that the partner did not have when the period ended.
        KindNotPayable,
        OfferForOtherPartner
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
    /// @notice From this second on the partner has the kinds `before`, and from `effectiveAt` on `mask`.
    event KindsSet(
        bytes32 indexed campaignId,
        address indexed partner,
        uint64 mask,
        uint64 before,
        uint256 effectiveAt
    );
    event DailyLimitAnnounced(bytes32 indexed campaignId, uint256 dailyLimit, uint256 effectiveAt);
    event Suspended(bytes32 indexed campaignId, uint256 suspendedUntil);
    event Resumed(bytes32 indexed campaignId);
    event ClosingAnnounced(bytes32 indexed campaignId, uint256 finalAt, uint256 effectiveAt);
    /// @param pendingBrand Zero: what was announced is taken back.
    event BrandTransferAnnounced(
        bytes32 indexed campaignId,
        address indexed brand,
        address indexed pendingBrand,
        uint256 effectiveAt
    );
    event BrandTransferred(bytes32 indexed campaignId, address indexed previousBrand, address indexed brand);

    event Funded(bytes32 indexed campaignId, address indexed funder, uint256 amount);
    event WithdrawalAnnounced(bytes32 indexed campaignId, uint256 amount, uint256 effectiveAt);
    event WithdrawalCancelled(bytes32 indexed campaignId);
    event Withdrawn(bytes32 indexed campaignId, address indexed receiver, uint256 amount);

    /// @param attestation The EIP-712 digest that was signed, the batch's name from here on.
    /// @param body What was signed.
    /// @param lines All lines, where the campaign gives them to the chain; else none. They can be released one hold after the block.
    event Attested(
        bytes32 indexed campaignId,
        bytes32 indexed attestation,
        uint256 attesterSet,
        Attestation body,
        Line[] lines
    );
    /// @param returned Commissions and fees that are available again.
    /// @param linesRoot The tree as it stands after the reversal, and its sum.
    event Reversed(
        bytes32 indexed campaignId,
        bytes32 indexed attestation,
        bytes32 indexed reasonHash,
        uint256 returned,
        bytes32 linesRoot,
        uint256 total
    );
    /// @notice A reversal makes a line of its batch this one. Comes before its `Reversed`.
    event LineLowered(bytes32 indexed campaignId, bytes32 indexed attestation, uint256 index, Line line);
    /// @param word Which 256 lines of the batch `lines` is about.
    /// @param lines Bit i: line 256 x word + i was settled by this call, its partner credited if it holds.
    event Released(
        bytes32 indexed campaignId,
        bytes32 indexed attestation,
        uint256 word,
        uint256 lines,
        uint256 commission,
        uint256 fee
    );
    /// @notice One line was settled and paid at once, without passing through the partner's credit. The operator was credited with the
    /// fee that the terms say on top of `commission`.
    event Pulled(
        bytes32 indexed campaignId,
        bytes32 indexed attestation,
        address indexed partner,
        uint256 index,
        uint256 commission
    );
    /// @notice One line was settled that does not hold: it pays nobody, and what it was worth is available again.
    event LineRefused(
        bytes32 indexed campaignId,
        bytes32 indexed attestation,
        uint256 index,
        Line line,
        Fault fault,
        uint256 returned
    );
    event Claimed(address indexed owner, address indexed token, address indexed receiver, uint256 amount);
    event PayOutOptedOut(address indexed owner, bool optedOut);
    event PayoutAnnounced(address indexed owner, address indexed receiver, uint256 lockSeconds, uint256 effectiveAt);
    event OrdersRevoked(address indexed owner, uint256 nonce);

    // ------------------------------------------------------------------------------------------------- errors

    error UnknownCampaign(bytes32 campaignId);
    error CampaignExists(bytes32 campaignId);
    error NotBrand(address caller, address brand);
    error NotPendingBrand(address caller, address pendingBrand);
    error TransferNotMature(uint256 time, uint256 effectiveAt);

    error InvalidToken(address token);
    error InvalidNotice(uint256 noticeSeconds, uint256 shortest, uint256 longest);
    error FeeTooHigh(uint256 feeBps, uint256 most);
    error FeeWithoutOperator(uint256 feeBps, address operator);
    error UnitTooLarge(uint256 unitExponent, uint256 most);

    error UnknownOffer(bytes32 campaignId, uint256 offerId);
    /// @notice A kind is below 64, or 255 with a partner.
    error InvalidKind(uint256 kind, address partner);
    error InvalidEventName(bytes24 eventName);
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
    /// @param expected The number that there has to be; where there may be any but none, 1.
    error InvalidLineCount(uint256 count, uint256 expected);
    error InsufficientBudget(bytes32 campaignId, uint256 required, uint256 available);
    error DailyLimitExceeded(bytes32 campaignId, uint256 required, uint256 remaining);
    error TooFewSignatures(uint256 threshold, uint256 signatures);
    error AttestersOutOfOrder(uint256 position, uint256 attester, uint256 members);
    /// @notice `signer` did not sign `digest`: another key signed, or something signed was changed on the way.
    error InvalidSignature(address signer, bytes32 digest);

    error UnknownBatch(bytes32 campaignId, bytes32 attestation);
    error HoldOver(uint256 time, uint256 releaseAt);
    error HoldNotOver(uint256 time, uint256 releaseAt);
    error TargetForOtherLine(uint256 index, Line target, Line line);
    /// @notice What was given is not what the batch commits to (any more: a reversal changes the tree).
    /// @param expected The root; in a reversal and after one keccak256(root, total). `given` likewise.
    error LinesDifferFromBatch(bytes32 expected, bytes32 given);
    /// @notice The root is right, but the lines before it are not worth what the attestation says.
    error TotalDiffersFromBatch(uint256 expected, uint256 given);
    error UnknownLine(uint256 index, uint256 lineCount);
    /// @notice Lines are released from a multiple of their number, which is the power of two that their path leaves of the tree.
    error MisplacedLines(uint256 first, uint256 size);
    /// @notice A path has 48 bytes for each level of the tree above what is given; at most eight levels are below.
    error InvalidPath(uint256 length, uint256 levels);
    error BatchOfOtherCampaign(uint256 position, bytes32 campaignId);
    error LineOfOtherPartner(uint256 position, address partner);
    error NothingToPay(address owner);
    error OptedOut(address owner);
    error WrongNonce(address owner, uint256 expected, uint256 given);
    error LockTooLong(uint256 lockSeconds, uint256 longest);
    /// @notice The owner locked where it is paid.
    error PayoutLocked(address owner, address receiver, address given);

    // --------------------------------------------------------------------------------- the brand: a campaign

    /// @notice Creates a campaign; the caller is its brand. Fund it afterwards.
    /// @return campaignId keccak256(chain id, this contract, brand, salt, terms).
    /// @dev Reverts with `CampaignExists`, `InvalidToken`, `InvalidNotice`, `FeeTooHigh`, `FeeWithoutOperator`,
    /// `UnitTooLarge`, and with what `appendOffer` and `announceAttesters` revert with.
    function createCampaign(NewCampaign calldata given) external returns (bytes32 campaignId);

    /// @notice Publishes a new offer. Brand only.
    /// @dev For an event and a kind (or one partner) at most one offer is valid at a time: a new one begins where the last ends, never in
    /// the past. A closing campaign gives no guarantee beyond its closing (`CampaignClosed`); an announced withdrawal waits for
    /// a new guarantee. Reverts with `InvalidKind`, `InvalidEventName`, `RateTooHigh`, `OfferPaysNothing`, `OfferStartsInPast`,
    /// `OfferEndsTooEarly`, `GuaranteeTooLong`, `OfferOverlaps`.
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

    /// @notice Lists partners with their kinds. Brand only. New kinds are payable for periods that end from now on; kinds taken
    /// away stay payable for periods that end within the notice. One withdrawal of kinds at a time for a partner.
    /// @dev Reverts with `KindsChangePending`.
    function setKinds(
        bytes32 campaignId,
        address[] calldata partners,
        uint64 kinds
    ) external returns (uint256 effectiveAt);

    /// @notice Changes the daily limit after the notice, up or down. Brand only. Replaces an announced change.
    function announceDailyLimit(bytes32 campaignId, uint128 dailyLimit) external returns (uint256 effectiveAt);

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

    /// @notice Offers the campaign to another brand, which may accept after the notice. Brand only. Zero takes the offer back.
    function transferCampaign(bytes32 campaignId, address newBrand) external returns (uint256 effectiveAt);

    /// @notice Takes over a campaign as it stands. Pending brand only. Reverts with `NotPendingBrand`, `TransferNotMature`.
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

    /// @notice Announces a withdrawal of what is available now, or less. Brand only, one at a time. It matures after the notice,
    /// or with the last offer's guarantee if that is later, and lapses seven days after.
    /// @dev An attestation that leaves less available than was announced lowers it to that, and no later funding raises it: what
    /// is withdrawn was there all the time. Reverts with `ZeroAmount`, `WithdrawalPending`, `InsufficientBudget`.
    function announceWithdrawal(bytes32 campaignId, uint128 amount) external returns (uint256 effectiveAt);

    /// @notice Takes the announced withdrawal back. Brand only. Reverts with `NoWithdrawal`.
    function cancelWithdrawal(bytes32 campaignId) external;

    /// @notice Makes the announced withdrawal, or what attestations left of it; all that is available once the campaign is final.
    /// Brand only.
    /// @dev Never touches what is attested. Reverts with `NoWithdrawal`, `WithdrawalNotMature`, `WithdrawalLapsed`,
    /// `ZeroAmount` (nothing is available), `ZeroAddress`.
    function withdraw(bytes32 campaignId, address receiver) external returns (uint256 amount);

    // -------------------------------------------------------------------------------- from conversion to credit

    /// @notice Turns a signed batch of conversions into commissions: available → reserved, or → credit if the hold is 0.
    /// @param lines All lines of the batch in the order of its tree, if the campaign gives them to the chain (`linesOnChain`, or a
    /// hold of 0), and none if not.
    /// @return digest The batch's name from here on.
    /// @dev Anyone may carry it; the signatures are of the set in force now. Whether a line holds is asked when it is settled,
    /// which with a hold of 0 is here. Reverts, in this order, with `ConversionOutOfOrder`, `NoConversions`, `DeadlinePassed`,
    /// `InvalidPeriod`, `CampaignSuspended`, `CampaignClosed`, `InsufficientBudget`, `DailyLimitExceeded`, `TooFewSignatures`,
    /// `AttestersOutOfOrder`, `InvalidSignature`, `InvalidLineCount`, `LinesDifferFromBatch`, `TotalDiffersFromBatch`.
    function attest(
        Attestation calldata attestation,
        Line[] calldata lines,
        Signature[] calldata signatures
    ) external returns (bytes32 digest);

    /// @notice Lowers lines of a batch within its hold; the difference, with its fee, returns to the budget.
    /// @param lines The lines as they stand now, with their places and with the targets in the order in which they were signed (see
    /// `Reversal`). When several are lowered, each path is of the tree as the ones before it leave it.
    /// @dev Anyone may carry it; the signatures are of the set that attested. It may be carried twice: order and
    /// repetition do not matter, and the release time does not move. Reverts with `UnknownBatch`, `HoldOver`,
    /// `InvalidLineCount` if there is no line, what `attest` says of signatures, and for each line with `UnknownLine`,
    /// `InvalidPath`, `TargetForOtherLine`, `LinesDifferFromBatch`.
    function reverse(
        Attestation calldata attestation,
        LineReversal[] calldata lines,
        bytes32 reasonHash,
        Signature[] calldata signatures
    ) external returns (uint256 returned);

    /// @notice Settles consecutive lines of a batch whose hold is over: the partners of those that hold are credited, and the
    /// operator with its fee; what those that do not were worth is available again. A line settled before is passed over.
    /// @param first The index of the first line.
    /// @param path The siblings on the subtree's way to the root, from the subtree up. Its length says how large the subtree is.
    /// @param lines The subtree's lines as they stand after reversals: 1, 2, 4, … or 256 from a multiple of that, or what there is of
    /// them at the end of the batch.
    /// @return commission What was credited to partners.
    /// @dev Reverts with `UnknownBatch`, `HoldNotOver`, `InvalidPath`, `UnknownLine`, `MisplacedLines`, `InvalidLineCount`,
    /// `LinesDifferFromBatch`, `TotalDiffersFromBatch`.
    function release(
        Attestation calldata attestation,
        uint256 first,
        bytes calldata path,
        Line[] calldata lines
    ) external returns (uint256 commission);

    /// @notice Settles one partner's lines out of any batches of a campaign, and pays the partner once, where it wants to be paid.
    /// @param attestations The batches, of one campaign.
    /// @param lines From each of them a line, all of one partner. One that is settled already is passed over.
    /// @return commission What was paid.
    /// @dev Reverts with `InvalidLineCount`, `OptedOut` if the caller is not the partner and the partner wants no pushes (`release` is
    /// open then as ever), for each batch with `BatchOfOtherCampaign`, `LineOfOtherPartner`, `UnknownBatch`, `HoldNotOver`,
    /// `UnknownLine`, `InvalidPath`, `LinesDifferFromBatch`, `TotalDiffersFromBatch`, and then with `NothingToPay` if all lines
    /// are settled already.
    function pull(
        Attestation[] calldata attestations,
        LineProof[] calldata lines
    ) external returns (uint256 commission);

    // ------------------------------------------------------------------------------------------------- claims
    // They work whatever the state of any campaign, for ever.

    /// @notice Pays the caller's credits in `tokens` to `receiver`; the native coin last.
    /// @dev Reverts with `ZeroAddress`, `PayoutLocked` if the caller locked another receiver, `NothingToPay` if all credits are
    /// empty, and with what a token reverts with.
    function claim(address[] calldata tokens, address receiver) external;

    /// @notice `claim` for an owner that signed an order (EIP-712; ERC-1271 for contracts).
    /// @dev Whoever carries it, it does the same. Reverts with `DeadlinePassed`, `WrongNonce`, `InvalidSignature` and what
    /// `claim` reverts with.
    function claimFor(ClaimOrder calldata order, bytes calldata signature) external;

    /// @notice Pushes the owner's credits in `tokens` to where the owner is paid. Reverts with `OptedOut`, `NothingToPay`.
    function payOut(address owner, address[] calldata tokens) external;

    /// @notice Where the caller is paid by pushes (`payOut`, `pull`); zero is the caller itself. With a lock, `claim` and `claimFor`
    /// pay only there as well, and a change of receiver or lock takes effect only after the lock that is in force.
    /// @param lockSeconds At most 365 days. 0: no lock.
    /// @dev An announced change is replaced by the next, whose time begins anew. A lock keeps pushes open, also for an owner
    /// that opted out: a lost key loses nothing that is pushed. Reverts with `LockTooLong`.
    function setPayout(address receiver, uint32 lockSeconds) external returns (uint256 effectiveAt);

    /// @notice `setPayout` for an owner that signed an order (EIP-712; ERC-1271 for contracts).
    /// @dev Reverts with `DeadlinePassed`, `WrongNonce`, `InvalidSignature`, `LockTooLong`.
    function setPayoutFor(PayoutOrder calldata order, bytes calldata signature) external returns (uint256 effectiveAt);

    /// @notice Makes void every order that the caller signed so far: its next nonce is one that nobody can have foreseen.
    function revokeOrders() external returns (uint256 nonce);

    /// @notice Whether others may push the caller's money (`payOut`, and `pull` by another). They may by default, and always while
    /// a lock is in force.
    function setPayOutOptOut(bool optedOut) external;

    // -------------------------------------------------------------------------------------------------- views

    /// @notice The nonce that the owner's next order must have.
    function nonces(address owner) external view returns (uint256);

    /// @notice A storage slot, as it is. {ProgramsState} knows what stands where, and {IPartnerProgramsLens} has the views.
    function extsload(bytes32 slot) external view returns (bytes32);
}
