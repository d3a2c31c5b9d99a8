// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Commission } from "../../contracts/libraries/Commission.sol";
import { Limits } from "../../contracts/libraries/Limits.sol";
import { Line, LineLib } from "../../contracts/types/Line.sol";
import { vm } from "./Vm.sol";

/// @dev The library computes unchecked; everything here is checked arithmetic, which would revert on an overflow.
contract CommissionTest {
    struct Rate {
        uint256 flatAmount;
        uint256 rateBps;
        uint256 unit;
        uint256 feeBps;
    }

    uint256 private constant BPS = 10_000;

    function testFuzz_aCommissionIsTheExactOneRoundedDownOnce(
        Line line,
        uint96 flatAmount,
        uint256 rateBps,
        uint256 unitExponent
    ) external pure {
        Rate memory rate = _rate(flatAmount, rateBps, unitExponent, 0);
        (uint256 commission, ) = _ofLineDown(line, rate);
        _assertRoundedDown(commission, _exactTimesBps(line, rate));
    }

    function testFuzz_aFeeIsOnTopOfTheCommissionAndRoundedDown(
        Line line,
        uint96 flatAmount,
        uint256 rateBps,
        uint256 unitExponent,
        uint256 feeBps
    ) external pure {
        Rate memory rate = _rate(flatAmount, rateBps, unitExponent, feeBps);
        (uint256 commission, uint256 fee) = _ofLineDown(line, rate);
        _assertRoundedDown(fee, commission * rate.feeBps);

        rate.feeBps = 0;
        (uint256 without, uint256 none) = _ofLineDown(line, rate);
        vm.assertEq(commission, without, "the partner does not pay the fee");
        vm.assertEq(none, 0, "no fee, no fee");
    }

    /// @dev Every field at its least or its most, in all 64 combinations.
    function test_nothingOverflowsAtTheExtremesOfEveryField() external pure {
        for (uint256 bits; bits < 64; ++bits) {
            Line line = LineLib.pack(
                1,
                address(1),
                bits & 1 == 0 ? 0 : type(uint24).max,
                bits & 2 == 0 ? 0 : type(uint56).max
            );
            Rate memory rate = _rate(
                bits & 4 == 0 ? 0 : type(uint96).max,
                bits & 8 == 0 ? 0 : BPS,
                bits & 16 == 0 ? 0 : Limits.MAX_UNIT_EXPONENT,
                bits & 32 == 0 ? 0 : Limits.MAX_FEE_BPS
            );
            (uint256 commission, uint256 fee) = _ofLineDown(line, rate);
            _assertRoundedDown(commission, _exactTimesBps(line, rate));
            _assertRoundedDown(fee, commission * rate.feeBps);
        }
    }

    function testFuzz_oneLineCostsAtMostOneUnitMoreThanItsPartsAndNeverLess(
        Line line,
        Line given,
        uint96 flatAmount,
        uint256 rateBps
    ) external pure {
        Rate memory rate = _rate(flatAmount, rateBps, 0, 0);
        Line part = line.lowerTo(given);
        Line rest = LineLib.pack(
            line.offerId(),
            line.partner(),
            line.count() - part.count(),
            line.volumeUnits() - part.volumeUnits()
        );
        (uint256 whole, ) = _ofLineDown(line, rate);
        (uint256 first, ) = _ofLineDown(part, rate);
        (uint256 second, ) = _ofLineDown(rest, rate);
        vm.assertGe(whole, first + second, "not less");
        vm.assertLe(whole, first + second + 1, "at most one more");
    }

    /// @dev amount <= exact and exact - 1 < amount, in units of a ten-thousandth.
    function _assertRoundedDown(uint256 amount, uint256 exactTimesBps) private pure {
        vm.assertLe(amount * BPS, exactTimesBps, "never against the budget");
        vm.assertLt(exactTimesBps, (amount + 1) * BPS, "by less than one base unit");
    }

    function _ofLineDown(Line line, Rate memory rate) private pure returns (uint256 commission, uint256 fee) {
        (commission, fee) = Commission.ofLineDown(line, rate.flatAmount, rate.rateBps * rate.unit, rate.feeBps);
        vm.assertLt(commission + fee, 1 << 127, "no line is worth as much as half of what a budget can be");
    }

    function _exactTimesBps(Line line, Rate memory rate) private pure returns (uint256) {
        uint256 volume = uint256(line.volumeUnits()) * rate.unit;
        return uint256(line.count()) * rate.flatAmount * BPS + volume * rate.rateBps;
    }

    function _rate(
        uint256 flatAmount,
        uint256 rateBps,
        uint256 unitExponent,
        uint256 feeBps
    ) private pure returns (Rate memory) {
        return
            Rate({
                flatAmount: flatAmount,
                rateBps: rateBps % (BPS + 1),
                unit: 10 ** (unitExponent % (uint256(Limits.MAX_UNIT_EXPONENT) + 1)),
                feeBps: feeBps % (uint256(Limits.MAX_FEE_BPS) + 1)
            });
    }
}
