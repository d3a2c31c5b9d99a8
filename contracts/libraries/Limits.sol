// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Limits
/// @notice The bounds within which a brand sets its terms, and an attestation its size.
library Limits {
    uint32 internal constant SHORTEST_NOTICE = 1 days;
    uint32 internal constant LONGEST_NOTICE = 365 days;
    uint16 internal constant MAX_FEE_BPS = 2000;
    uint8 internal constant MAX_UNIT_EXPONENT = 24;
    uint256 internal constant MAX_LINES = 512;
    /// @notice No offer is guaranteed for longer: a hundred years.
    uint40 internal constant LONGEST_GUARANTEE = 36_500 days;
    /// @notice A withdrawal that matured can be made for so long.
    uint40 internal constant WITHDRAWAL_WINDOW = 7 days;
    /// @notice The daily limit of a campaign that has none.
    uint128 internal constant NO_LIMIT = type(uint128).max;
}
