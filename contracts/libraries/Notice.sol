// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Notice
/// @notice The one idea behind every change for the worse: announced now, effective at a later time. Times are Unix seconds.
/// @dev The casts hold for 34,000 years: a time here is a few notices after a block's, or after a guarantee's end, which is at
/// most a hundred years after one.
library Notice {
    /// @notice When a change announced now takes effect, if its notice starts to run at the later of now and `notBefore`.
    function effectiveAt(uint32 noticeSeconds, uint256 notBefore) internal view returns (uint40) {
        return uint40(later(block.timestamp, notBefore) + noticeSeconds);
    }

    /// @notice A countdown that is still running after `time` ends `delay` later; one that is over, or none (0), stays.
    function defer(uint40 endsAt, uint256 time, uint256 delay) internal pure returns (uint40) {
        return endsAt > time ? uint40(endsAt + delay) : endsAt;
    }

    /// @notice Takes back what `defer` added: `saved` seconds, from a countdown that ends after `time`.
    function advance(uint40 endsAt, uint256 time, uint256 saved) internal pure returns (uint40) {
        return endsAt > time ? uint40(endsAt - saved) : endsAt;
    }

    function later(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }
}
