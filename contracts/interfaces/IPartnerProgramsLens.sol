// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ProgramsState } from "../libraries/ProgramsState.sol";
import { Line } from "../types/Line.sol";
import { IPartnerPrograms } from "./IPartnerPrograms.sol";

/// @title IPartnerProgramsLens
/// @notice Views over {IPartnerPrograms} that compute. Holds no money, has no state, and is trusted by nobody on-chain.
/// @dev Units as in {IPartnerPrograms}. Functions of a campaign revert with `UnknownCampaign` if there is none.
interface IPartnerProgramsLens {
    /// @notice A campaign settled to the current block: what was announced and is due by now is in force.
    struct Overview {
        IPartnerPrograms.Terms terms;
        address brand;
        uint256 available;
        uint256 reserved;
        /// Available less what is announced to be withdrawn: what a new conversion can count on.
        uint256 spendable;
        uint64 nextConversion;
        bool suspended;
        /// No period may end after `closesAt` (0: not closing); `closed`: nothing can be attested any more.
        uint40 closesAt;
        bool closed;
        /// Index, threshold and members of the attester set in force.
        uint16 attesterSet;
        uint8 threshold;
        address[] attesters;
        /// Whether the brand is one of them, and which of them (bit mask) are contracts: one that the brand commands says what the
        /// brand wants it to say.
        bool brandAttests;
        uint16 contractAttesters;
        /// Commissions and fees that may be attested in one UTC day, and still today; 2^128 - 1: no limit.
        uint256 dailyLimit;
        uint256 remainingToday;
        IPartnerPrograms.Offer[] offers;
    }

    /// @notice A line of a batch as it stands.
    struct LineStatus {
        uint256 commission;
        uint256 fee;
        /// It can be settled from this time on.
        uint40 releaseAt;
        /// It was settled: the commission is a credit or paid, unless there is a fault.
        bool settled;
        /// Why it pays nobody, if it does not.
        IPartnerPrograms.Fault fault;
    }

    /// @notice A line that does not hold.
    struct LineFault {
        uint256 index;
        IPartnerPrograms.Fault fault;
    }

    function programs() external view returns (IPartnerPrograms);

    function overview(bytes32 campaignId) external view returns (Overview memory);

    /// @notice The id that a campaign has or would have on this chain.
    function campaignIdOf(
        address brand,
        bytes32 salt,
        IPartnerPrograms.Terms calldata terms
    ) external view returns (bytes32);

    // What is stored, as it is stored (see {ProgramsState}).

    function termsOf(bytes32 campaignId) external view returns (IPartnerPrograms.Terms memory);
    function campaign(bytes32 campaignId) external view returns (ProgramsState.CampaignState memory);
    /// @dev Reverts with `UnknownOffer`.
    function offer(bytes32 campaignId, uint256 offerId) external view returns (IPartnerPrograms.Offer memory);
    /// @notice The members of a set, its threshold, and when it takes or took effect (0: no such set).
    function attesterSet(
        bytes32 campaignId,
        uint256 index
    ) external view returns (address[] memory members, uint8 threshold, uint40 effectiveAt);
    function batch(bytes32 attestation) external view returns (ProgramsState.BatchState memory);
    /// @notice Which of the 256 lines from 256 x word on were settled (bit mask).
    function settledLines(bytes32 attestation, uint256 word) external view returns (uint256 marks);
    function payoutOf(address owner) external view returns (ProgramsState.PayoutState memory);
    function creditOf(address owner, address token) external view returns (uint256);

    /// @notice Kinds under which a partner is paid for a period that ended at `periodTo`.
    /// @dev An offer for one partner pays it whatever its kinds.
    function kindsOf(bytes32 campaignId, address partner, uint256 periodTo) external view returns (uint64 mask);

    /// @notice Where the owner is paid now, and for how long that is locked (0: not).
    function receiverOf(address owner) external view returns (address receiver, uint32 lockSeconds);

    /// @notice What a line is worth under its offer: commission, and the operator's fee on top. Reverts with `UnknownOffer`.
    function commissionOf(bytes32 campaignId, Line line) external view returns (uint256 commission, uint256 fee);

    /// @notice What lines of a batch are worth in its tree, in all, and which of them do not hold. Asked before anybody signs: a line
    /// that holds now holds for ever. A large batch is asked in parts.
    /// @param attestation Campaign, conversions and period are read of it.
    /// @param first The index of the first of `lines`.
    function rehearse(
        IPartnerPrograms.Attestation calldata attestation,
        uint256 first,
        Line[] calldata lines
    ) external view returns (uint256 worth, LineFault[] memory faults);

    /// @notice How long the spendable budget lasts if it goes on as it did from `since` until now.
    /// @param attested Commissions and fees attested since then, which the caller knows from the events.
    /// @return runwaySeconds 2^256 - 1 if nothing was attested.
    function runway(bytes32 campaignId, uint256 attested, uint40 since) external view returns (uint256 runwaySeconds);

    /// @notice A line of a batch: what it is worth, when, whether it was settled, and whether it holds. Reverts as `pull` does if it is
    /// not of the batch.
    function lineStatus(
        IPartnerPrograms.Attestation calldata attestation,
        IPartnerPrograms.LineProof calldata proven
    ) external view returns (LineStatus memory);

    /// @notice What `owner` can claim now of each of `tokens`.
    function creditsOf(address owner, address[] calldata tokens) external view returns (uint256[] memory amounts);

    // ------------------------------------------------------------------------------------------------ previews
    //
    // What would happen if the transaction were mined in this block, without doing it: each does the operation, notes the
    // outcome and reverts what it did. They are not `view`, since they try; call them by `eth_call`. `failure` is empty if it
    // would succeed, and otherwise what it would revert with: four bytes of selector and the arguments, of an error of
    // {IPartnerPrograms} or of a token. What only one account may do (a brand's operations, `claim`) is previewed by an
    // `eth_call` of the operation itself from that account.

    /// @notice What an attestation would do. Without signatures a sound one fails with `TooFewSignatures`, and its lines are only
    /// looked at after them: what an attester asks before it signs is this and `rehearse`.
    /// @return digest Its digest, also where it fails.
    function previewAttest(
        IPartnerPrograms.Attestation calldata attestation,
        Line[] calldata lines,
        IPartnerPrograms.Signature[] calldata signatures
    ) external returns (bytes32 digest, bytes memory failure);

    /// @return returned Commissions and fees that would be available again.
    function previewReverse(
        IPartnerPrograms.Attestation calldata attestation,
        IPartnerPrograms.LineReversal[] calldata lines,
        bytes32 reasonHash,
        IPartnerPrograms.Signature[] calldata signatures
    ) external returns (uint256 returned, bytes memory failure);

    /// @return commission What would become credit.
    function previewRelease(
        IPartnerPrograms.Attestation calldata attestation,
        uint256 first,
        bytes calldata path,
        Line[] calldata lines
    ) external returns (uint256 commission, bytes memory failure);

    /// @return commission What would be paid. As if a stranger pulled: a partner that opted out may still pull its own.
    function previewPull(
        IPartnerPrograms.Attestation[] calldata attestations,
        IPartnerPrograms.LineProof[] calldata lines
    ) external returns (uint256 commission, bytes memory failure);

    /// @return amounts What would be paid of each of the order's tokens; of one named twice it is said twice, and paid once.
    function previewClaimFor(
        IPartnerPrograms.ClaimOrder calldata order,
        bytes calldata signature
    ) external returns (uint256[] memory amounts, bytes memory failure);

    /// @return amounts What a stranger's push would pay of each of `tokens`.
    function previewPayOut(
        address owner,
        address[] calldata tokens
    ) external returns (uint256[] memory amounts, bytes memory failure);

    /// @notice Calls {programs} with `call` and reverts with `Simulated`, whatever comes of it. Previews are made of it.
    function simulate(bytes calldata call) external;

    /// @notice How the call went: what it returned, or what it reverted with.
    error Simulated(bool succeeded, bytes result);
    /// @notice Stands in a preview for a revert without a reason.
    error FailedSilently();

    // ------------------------------------------------------------------------------------------------- hashes

    /// @notice The EIP-712 digests of what is signed for {IPartnerPrograms}.
    function attestationDigest(IPartnerPrograms.Attestation calldata attestation) external view returns (bytes32);
    function reversalDigest(
        bytes32 campaignId,
        bytes32 attestation,
        Line[] calldata targets,
        bytes32 reasonHash
    ) external view returns (bytes32);
    function claimDigest(IPartnerPrograms.ClaimOrder calldata order) external view returns (bytes32);
    function payoutDigest(IPartnerPrograms.PayoutOrder calldata order) external view returns (bytes32);

    /// @notice Root and sum of the tree over `lines`, of which leaf i is worth `worths[i]` (see {LineTree}).
    function lineTree(
        Line[] calldata lines,
        uint128[] calldata worths
    ) external pure returns (bytes32 root, uint256 total);

    /// @notice Leaf of a conversion under an attestation's `conversionsRoot`; see {ConversionTree}.
    function conversionLeaf(
        uint64 number,
        bytes32 key,
        bytes32 salt,
        Line[] calldata entries
    ) external pure returns (bytes32);

    /// @notice Whether the conversion is in `conversionsRoot`.
    function isConversionIn(
        bytes32 conversionsRoot,
        uint64 number,
        bytes32 key,
        bytes32 salt,
        Line[] calldata entries,
        bytes32[] calldata proof
    ) external pure returns (bool);
}
