// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Limits
/// @notice The bounds within which a brand sets its terms, and a partner its lock.
library Limits {
    uint32 internal constant SHORTEST_NOTICE = 1 days;
    uint32 internal constant LONGEST_NOTICE = 365 days;
    uint16 internal constant MAX_FEE_BPS = 2000;
    /// @notice So that no line is worth 2^128: 2^24 x 2^96 + 2^56 x 10^21, and a fifth of it for the fee.
    uint8 internal constant MAX_UNIT_EXPONENT = 21;
    /// @notice Kinds are bits of a mask.
    uint256 internal constant MAX_KINDS = 64;
    /// @notice So many lines at most are settled by one `release`: those whose marks stand in one word.
    uint256 internal constant CHUNK_HEIGHT = 8;
    /// @notice No offer is guaranteed for longer: a hundred years.
    uint40 internal constant LONGEST_GUARANTEE = 36_500 days;
    /// @notice A withdrawal that matured can be made for so long.
    uint40 internal constant WITHDRAWAL_WINDOW = 7 days;
    /// @notice A payout address is locked for so long at most.
    uint32 internal constant LONGEST_LOCK = 365 days;
    /// @notice The daily limit of a campaign that has none.
    uint128 internal constant NO_LIMIT = type(uint128).max;
}
