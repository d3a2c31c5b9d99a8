// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";
import { Line } from "../types/Line.sol";
import { Commission } from "./Commission.sol";

/// @title Rules
/// @notice What a line is worth and whether it holds, by facts that cannot change any more once its period is over: offers are
/// appended for the future and end in it, and kinds are looked up as they were. So a line that holds when it is attested holds
/// for ever.
/// @dev {PartnerPrograms} settles by these rules, and {PartnerProgramsLens} says beforehand what they would say.
library Rules {
    /// @notice The kind of an offer that is for one partner alone.
    uint8 internal constant FOR_ONE_PARTNER = type(uint8).max;

    /// @notice What prices the lines of one offer in one batch, and judges those that do not depend on who the partner is.
    /// @dev {LineTree-setLeaves} reads it by the order of its fields.
    struct Facts {
        /// Base units for a conversion, and ten-thousandths of them for a volume unit: the offer's rate times the campaign's unit.
        uint256 flatAmount;
        uint256 volumeRate;
        uint256 feeBps;
        uint256 capUnits;
        uint256 conversions;
        /// Whether the partner does not matter: the offer is valid, for an open kind, and nobody is listed.
        bool open;
    }

    /// @notice What a line is worth whose offer the facts are of: commission and fee.
    function worthOf(Facts memory facts, Line line) internal pure returns (uint256) {
        (uint256 commission, uint256 fee) = Commission.ofLineDown(
            line,
            facts.flatAmount,
            facts.volumeRate,
            facts.feeBps
        );
        // Less than 2^128.
        unchecked {
            return commission + fee;
        }
    }

    /// @notice Whether an offer that is valid in [validFrom, validTo) is so for the whole period. If not, its lines are worth nothing:
    /// such a line stands for nothing in any total, and an offer that is appended later, which does not reach back, changes no tree.
    /// One that does not exist has a `validTo` of 0.
    function covers(
        uint256 validFrom,
        uint256 validTo,
        uint256 periodFrom,
        uint256 periodTo
    ) internal pure returns (bool) {
        return periodFrom >= validFrom && periodTo <= validTo;
    }

    /// @notice Whether a line holds by its own numbers: a partner, no conversion for more than the offer's cap, and none twice.
    /// @dev Cannot overflow: counts have 24 bits, caps 56.
    function numbersHold(Line line, uint256 capUnits, uint256 conversions) internal pure returns (bool) {
        uint256 count = line.count();
        unchecked {
            return line.partner() != address(0) && line.volumeUnits() <= count * capUnits && count <= conversions;
        }
    }

    /// @notice What is wrong with a line whose numbers do not hold.
    function ofNumbers(Line line, uint256 conversions) internal pure returns (IPartnerPrograms.Fault) {
        if (line.partner() == address(0)) return IPartnerPrograms.Fault.PartnerIsZero;
        return
            line.count() > conversions
                ? IPartnerPrograms.Fault.CountExceedsConversions
                : IPartnerPrograms.Fault.VolumeExceedsCap;
    }

    /// @notice Whether kinds (a mask) include the offer's.
    function includes(uint256 kinds, uint256 kind) internal pure returns (bool) {
        return (kinds >> kind) & 1 == 1;
    }
}
