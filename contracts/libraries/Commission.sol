// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Line } from "../types/Line.sol";

/// @title Commission
/// @notice What a line is worth. All amounts are base units of the campaign's token.
library Commission {
    uint256 internal constant BPS = 10_000;

    /// @notice count x flatAmount + volume x rate, rounded down once, in favour of the budget; and the operator's fee on top,
    /// rounded down by the line and not by the batch, so that it is the same however lines are settled or reversed.
    /// @param volumeRate The offer's rate in basis points times the base units of a volume unit.
    /// @dev Cannot overflow: count x flatAmount < 2^24 x 2^96; volume x unit x rate < 2^56 x 2^70 x 2^14; the fee adds 2^11.
    /// The result is less than 2^127.
    /// {LineTree-setLeaves} does the same.
    function ofLineDown(
        Line line,
        uint256 flatAmount,
        uint256 volumeRate,
        uint256 feeBps
    ) internal pure returns (uint256 commission, uint256 fee) {
        unchecked {
            commission = line.count() * flatAmount + (line.volumeUnits() * volumeRate) / BPS;
        }
        fee = feeDown(commission, feeBps);
    }

    /// @notice The operator's fee on top of a line's commission.
    function feeDown(uint256 commission, uint256 feeBps) internal pure returns (uint256) {
        unchecked {
            return (commission * feeBps) / BPS;
        }
    }
}
