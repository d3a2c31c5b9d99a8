// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Line } from "../types/Line.sol";

/// @title Commission
/// @notice What a line is worth. All amounts are base units of the campaign's token.
library Commission {
    uint256 internal constant BPS = 10_000;

    /// @notice The numbers of an offer and its campaign that price a line.
    struct Rate {
        uint256 flatAmount;
        uint256 rateBps;
        uint256 capUnits;
        uint256 unit;
        uint256 feeBps;
    }

    /// @notice What several lines are worth together.
    struct Sum {
        uint256 commission;
        uint256 fee;
    }

    /// @notice count x flatAmount + volume x rate, rounded down once, in favour of the budget; and the operator's fee on top,
    /// rounded down by the line and not by the batch, so that it is the same however lines are released or reversed.
    /// @dev Cannot overflow: count x flatAmount < 2^24 x 2^96; volume x unit x rate < 2^56 x 2^80 x 2^14; the fee adds 2^11.
    function ofLineDown(Line line, Rate memory rate) internal pure returns (uint256 commission, uint256 fee) {
        unchecked {
            commission = line.count() * rate.flatAmount + (line.volumeUnits() * rate.unit * rate.rateBps) / BPS;
            fee = (commission * rate.feeBps) / BPS;
        }
    }

    /// @notice Adds what `line` is worth.
    /// @dev Cannot overflow: a batch has at most 512 lines, and each is worth less than 2^139 (see `ofLineDown`).
    function add(Sum memory sum, Line line, Rate memory rate) internal pure returns (uint256 commission) {
        uint256 fee;
        (commission, fee) = ofLineDown(line, rate);
        unchecked {
            sum.commission += commission;
            sum.fee += fee;
        }
    }

    /// @notice What the budget pays. Cannot overflow, as above.
    function total(Sum memory sum) internal pure returns (uint256) {
        unchecked {
            return sum.commission + sum.fee;
        }
    }

    /// @notice Adds by how much `lowered` is worth less than `line`.
    function addLoss(Sum memory sum, Line line, Line lowered, Rate memory rate) internal pure {
        (uint256 commissionBefore, uint256 feeBefore) = ofLineDown(line, rate);
        (uint256 commissionAfter, uint256 feeAfter) = ofLineDown(lowered, rate);
        sum.commission += commissionBefore - commissionAfter;
        sum.fee += feeBefore - feeAfter;
    }
}
