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
