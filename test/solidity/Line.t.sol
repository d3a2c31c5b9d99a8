// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Line, LineLib } from "../../contracts/types/Line.sol";
import { vm } from "./Vm.sol";

contract LineTest {
    function testFuzz_theFieldsOfALineAreWhatWasPacked(
        uint16 offerId,
        address partner,
        uint24 count,
        uint56 volumeUnits
    ) external pure {
        Line line = LineLib.pack(offerId, partner, count, volumeUnits);
        vm.assertEq(line.offerId(), offerId, "offer");
        vm.assertEq(line.partner(), partner, "partner");
        vm.assertEq(line.count(), count, "count");
        vm.assertEq(line.volumeUnits(), volumeUnits, "volume");
    }

    function testFuzz_everyWordIsALineThatPacksBackToIt(bytes32 word) external pure {
        Line line = Line.wrap(word);
        Line packed = LineLib.pack(line.offerId(), line.partner(), line.count(), line.volumeUnits());
        vm.assertEq(Line.unwrap(packed), word, "word");
    }

    function testFuzz_keysOrderLinesByOfferThenPartner(bytes32 left, bytes32 right) external pure {
        (Line a, Line b) = (Line.wrap(left), Line.wrap(right));
        bool before = a.offerId() == b.offerId() ? a.partner() < b.partner() : a.offerId() < b.offerId();
        vm.assertTrue((a.key() < b.key()) == before, "order");
    }

    /// @dev Two lines of one offer seldom come by chance.
    function testFuzz_keysOrderLinesOfOneOfferByPartner(uint16 offerId, address a, address b) external pure {
        uint256 left = LineLib.pack(offerId, a, type(uint24).max, type(uint56).max).key();
        uint256 right = LineLib.pack(offerId, b, 0, 0).key();
        vm.assertTrue((left < right) == (a < b) && (left == right) == (a == b), "order");
    }

    function testFuzz_aLoweredLineIsTheSmallerOfBothInCountAndInVolume(Line line, Line given) external pure {
        Line target = _sameKey(line, given);
        Line lowered = line.lowerTo(target);
        vm.assertEq(lowered.key(), line.key(), "key");
        vm.assertEq(lowered.count(), _min(line.count(), target.count()), "count");
        vm.assertEq(lowered.volumeUnits(), _min(line.volumeUnits(), target.volumeUnits()), "volume");
    }

    function testFuzz_loweringTwiceIsLoweringOnce(Line line, Line given) external pure {
        Line target = _sameKey(line, given);
        _assertSame(line.lowerTo(target).lowerTo(target), line.lowerTo(target));
        _assertSame(line.lowerTo(line), line);
    }

    function testFuzz_loweringIsTheSameInEveryOrder(Line line, Line given, Line other) external pure {
        (Line a, Line b) = (_sameKey(line, given), _sameKey(line, other));
        _assertSame(line.lowerTo(a).lowerTo(b), line.lowerTo(b).lowerTo(a)); // commutative
        _assertSame(line.lowerTo(a).lowerTo(b), line.lowerTo(a.lowerTo(b))); // associative
    }

    function _sameKey(Line line, Line given) private pure returns (Line) {
        return LineLib.pack(line.offerId(), line.partner(), given.count(), given.volumeUnits());
    }

    function _assertSame(Line a, Line b) private pure {
        vm.assertEq(Line.unwrap(a), Line.unwrap(b), "line");
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
