// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

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
        /// Commissions and fees that may be attested in one UTC day, and still today; 2^128 - 1: no limit.
        uint256 dailyLimit;
        uint256 remainingToday;
        IPartnerPrograms.Offer[] offers;
    }

    /// @notice A line of a batch as it stands.
    struct LineStatus {
        uint256 commission;
        uint256 fee;
        /// It can be released or pulled from this time on.
        uint40 releaseAt;
        /// It was released or pulled: the commission is a credit or paid.
        bool released;
    }

    function programs() external view returns (IPartnerPrograms);

    function overview(bytes32 campaignId) external view returns (Overview memory);

    /// @notice The id that a campaign has or would have on this chain.
    function campaignIdOf(
        address brand,
        bytes32 salt,
        IPartnerPrograms.Terms calldata terms
    ) external view returns (bytes32);

    /// @notice Kinds under which a partner can be paid for a period that ends now.
    function kindsOf(bytes32 campaignId, address partner) external view returns (uint16 mask);

    /// @notice What a line is worth under its offer: commission, and the operator's fee on top. Reverts with `UnknownOffer`.
    function commissionOf(bytes32 campaignId, Line line) external view returns (uint256 commission, uint256 fee);

    /// @notice How long the spendable budget lasts if it goes on as it did from `since` until now.
    /// @param attested Commissions and fees attested since then, which the caller knows from the events.
    /// @return runwaySeconds 2^256 - 1 if nothing was attested.
    function runway(bytes32 campaignId, uint256 attested, uint40 since) external view returns (uint256 runwaySeconds);

    /// @notice A line of a batch: what it is worth, when, and whether it was released. Reverts with `UnknownBatch`, with
    /// `UnknownLine` if the batch has no line of that index, and with `LinesDifferFromBatch` if the proof is not of the batch.
    function lineStatus(
        bytes32 campaignId,
        bytes32 attestation,
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

    /// @notice What an attestation would book. Without signatures a sound one fails with `TooFewSignatures`, because they
    /// are checked last: an attester asks so before it signs.
    /// @return attestation Its digest, `commission` and `fee` what its lines are worth, also where it fails; the
    /// latter are 0 if a line names an offer that does not exist.
    function previewAttest(
        IPartnerPrograms.Attestation calldata a,
        IPartnerPrograms.Signature[] calldata signatures
    ) external returns (bytes32 attestation, uint256 commission, uint256 fee, bytes memory failure);

    /// @return returned Commissions and fees that would be available again.
    function previewReverse(
        IPartnerPrograms.Reversal calldata reversal,
        IPartnerPrograms.LineProof[] calldata current,
        IPartnerPrograms.Signature[] calldata signatures
    ) external returns (uint256 returned, bytes memory failure);

    /// @return commission What would become credit.
    function previewRelease(
        bytes32 campaignId,
        bytes32 attestation,
        Line[] calldata lines,
        uint16[] calldata indices
    ) external returns (uint256 commission, bytes memory failure);

    /// @return commission What would be paid. As if a stranger pulled: a partner that opted out may still pull its own.
    function previewPull(
        bytes32 campaignId,
        bytes32 attestation,
        IPartnerPrograms.LineProof calldata proven
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
    function reversalDigest(IPartnerPrograms.Reversal calldata reversal) external view returns (bytes32);
    function claimDigest(IPartnerPrograms.ClaimOrder calldata order) external view returns (bytes32);

    /// @notice Root over the lines of a batch, as {IPartnerPrograms} computes it.
    function linesRoot(Line[] calldata lines) external pure returns (bytes32);

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
