// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Commission } from "../../contracts/libraries/Commission.sol";
import { Limits } from "../../contracts/libraries/Limits.sol";
import { LineTree } from "../../contracts/libraries/LineTree.sol";
import { Rules } from "../../contracts/libraries/Rules.sol";
import { Line, LineLib } from "../../contracts/types/Line.sol";
import { LineProofs } from "./LineProofs.sol";
import { vm } from "./Vm.sol";

/// @dev The library works by assembly, on calldata; everything here is plain and checked.
contract LineTreeTest {
    using LineProofs for LineProofs.Level[];

    uint256 private constant MOST = 70;

    function testFuzz_aTreeFoldsToTheRootAndTheSumOfItsLines(bytes32 seed, uint256 size, uint256 height) external view {
        (Line[] memory lines, Rules.Facts memory facts) = _batch(seed, size);
        LineProofs.Level[] memory levels = LineProofs.tree(lines, _worths(lines, facts));
        // Higher than the tree: nothing to its right, level after level.
        height = height % 3;
        (bytes32 hash, uint256 sum) = levels.root();
        for (uint256 i; i < height; ++i) {
            hash = keccak256(abi.encodePacked(hash, uint128(sum), new bytes(48)));
        }
        (bytes32 given, uint256 total) = this.foldOf(lines, facts, levels.length - 1 + height);
        vm.assertEq(given, hash, "root");
        vm.assertEq(total, sum, "sum");
        vm.assertEq(LineTree.depth(lines.length), levels.length - 1, "depth");
    }

    function testFuzz_theWayOfEverySubtreeLeadsToTheRootAndTheTotal(
        bytes32 seed,
        uint256 size,
        uint256 height
    ) external view {
        (Line[] memory lines, Rules.Facts memory facts) = _batch(seed, size);
        LineProofs.Level[] memory levels = LineProofs.tree(lines, _worths(lines, facts));
        (bytes32 root, uint256 total) = levels.root();
        height = height % levels.length;
        for (uint256 position; position < levels[height].hashes.length; ++position) {
            (bytes32 hash, uint256 sum) = this.climbOf(
                position,
                levels[height].hashes[position],
                levels[height].sums[position],
                levels.path(height, position)
            );
            vm.assertEq(hash, root, "root");
            vm.assertEq(sum, total, "total");
        }
    }

    function testFuzz_theWayOfALineProvesNoOtherLinePlaceOrWorth(
        bytes32 seed,
        uint256 size,
        uint256 index,
        uint256 otherIndex,
        Line otherLine,
        uint128 otherWorth
    ) external view {
        (Line[] memory lines, Rules.Facts memory facts) = _batch(seed, size);
        if (lines.length == 1) return; // its leaf is the root
        uint256[] memory worths = _worths(lines, facts);
        LineProofs.Level[] memory levels = LineProofs.tree(lines, worths);
        (bytes32 root, ) = levels.root();
        index %= lines.length;
        otherIndex %= 1 << (levels.length - 1);
        bytes memory path = levels.path(0, index);
        (bytes32 given, ) = this.climbOf(otherIndex, Line.unwrap(lines[index]), worths[index], path);
        if (otherIndex != index) vm.assertTrue(given != root, "place");
        (given, ) = this.climbOf(index, Line.unwrap(otherLine), worths[index], path);
        if (Line.unwrap(otherLine) != Line.unwrap(lines[index])) vm.assertTrue(given != root, "line");
        (given, ) = this.climbOf(index, Line.unwrap(lines[index]), otherWorth, path);
        if (otherWorth != worths[index]) vm.assertTrue(given != root, "worth");
    }

    /// @dev Whatever stands in the tree, and whatever siblings say: a way adds up exactly, so what one leads to the total is at most
    /// the total, and so are two together.
    function testFuzz_aWayAddsUpExactlyWhateverItsSiblingsSay(
        uint256 position,
        bytes32 hash,
        uint128 worth,
        uint128[9] calldata sums
    ) external view {
        bytes memory path;
        uint256 expected = worth;
        for (uint256 i; i < sums.length; ++i) {
            path = bytes.concat(path, abi.encodePacked(keccak256(abi.encode(i)), sums[i]));
            expected += sums[i];
        }
        (, uint256 sum) = this.climbOf(position, hash, worth, path);
        vm.assertEq(sum, expected, "exact");
        vm.assertGe(sum, worth, "not less than the leaf");
    }

    /// @dev What 128 bits do not hold is larger than any total, and never less.
    function test_linesOfMoreThanAnyBudgetFoldToMoreThanAnyTotal() external view {
        Line[] memory lines = new Line[](8);
        Rules.Facts memory facts = Rules.Facts(
            type(uint96).max,
            10_000 * 10 ** Limits.MAX_UNIT_EXPONENT,
            2000,
            0,
            0,
            false
        );
        for (uint256 i; i < lines.length; ++i) {
            lines[i] = LineLib.pack(1, address(1), type(uint24).max, type(uint56).max);
        }
        (uint256 commission, uint256 fee) = _worthOf(facts, lines[0]);
        vm.assertLt(commission + fee, 1 << 127, "a line is worth less than 2^127");
        vm.assertGe(8 * (commission + fee), 1 << 128, "eight are worth more than 128 bits");
        (, uint256 sum) = this.foldOf(lines, facts, 3);
        vm.assertEq(sum, 1 << 128, "more than any total");
        // And no sibling takes it back to what a total can be.
        (, sum) = this.climbOf(0, 0, sum, abi.encodePacked(bytes32(0), type(uint128).max));
        vm.assertGe(sum, 1 << 128, "nor after a way up");
    }

    /// @dev The tree prices and judges in assembly, as {Commission} and {Rules} do.
    function testFuzz_leavesArePricedAndJudgedAsTheLibrariesDo(
        Line line,
        Line other,
        uint96 flatAmount,
        uint256 seed,
        uint56 capUnits,
        uint32 conversions
    ) external view {
        Rules.Facts memory facts = Rules.Facts({
            flatAmount: flatAmount,
            volumeRate: seed % (10_000 * 10 ** Limits.MAX_UNIT_EXPONENT + 1),
            feeBps: (seed >> 128) % (uint256(Limits.MAX_FEE_BPS) + 1),
            capUnits: capUnits,
            conversions: conversions,
            open: seed % 4 != 0
        });
        // The fuzzer seldom finds a line that holds, nor one without a partner.
        if (capUnits % 3 == 0) line = LineLib.pack(line.offerId(), line.partner(), 1, capUnits);
        if (capUnits % 7 == 0) line = LineLib.pack(line.offerId(), address(0), 1, capUnits);
        Line[] memory lines = new Line[](2);
        (lines[0], lines[1]) = (line, other);
        _checkFirst(lines, facts);
    }

    function _checkFirst(Line[] memory lines, Rules.Facts memory facts) private view {
        (uint256 word, uint256 worth, uint256 next) = this.leafOf(lines, facts);
        (uint256 commission, uint256 fee) = _worthOf(facts, lines[0]);
        vm.assertEq(word & ~LineTree.HOLDS, commission, "commission");
        vm.assertEq(worth, commission + fee, "worth");
        bool holds = facts.open && Rules.numbersHold(lines[0], facts.capUnits, facts.conversions);
        vm.assertTrue((word & LineTree.HOLDS != 0) == holds, "holds");
        vm.assertEq(next, lines[1].offerId() == lines[0].offerId() ? 2 : 1, "as far as the offer is the same");
    }

    function test_aRowEndsWhereItsOfferDoes() external view {
        Line[] memory lines = new Line[](2);
        Rules.Facts memory facts = Rules.Facts(1, 1, 1, 1, 1, true);
        lines[0] = LineLib.pack(7, address(1), 1, 0);
        lines[1] = LineLib.pack(7, address(2), 1, 0);
        (, , uint256 next) = this.leafOf(lines, facts);
        vm.assertEq(next, 2, "one offer");
        lines[1] = LineLib.pack(8, address(2), 1, 0);
        (, , next) = this.leafOf(lines, facts);
        vm.assertEq(next, 1, "two offers");
    }

    /// @dev {LineTree} takes lines and paths from calldata.
    function foldOf(
        Line[] calldata lines,
        Rules.Facts calldata facts,
        uint256 height
    ) external pure returns (bytes32, uint256) {
        uint256[] memory words = LineTree.room(lines.length);
        for (uint256 i; i < lines.length;) {
            i = LineTree.setLeaves(words, lines, i, facts);
        }
        return LineTree.fold(words, lines.length, height);
    }

    function leafOf(
        Line[] calldata lines,
        Rules.Facts calldata facts
    ) external pure returns (uint256 word, uint256 worth, uint256 next) {
        uint256[] memory words = LineTree.room(lines.length);
        next = LineTree.setLeaves(words, lines, 0, facts);
        word = LineTree.wordOf(words, 0);
        assembly ("memory-safe") {
            worth := shr(128, mload(add(add(words, 0x40), shl(5, lines.length))))
        }
    }

    function climbOf(
        uint256 position,
        bytes32 hash,
        uint256 sum,
        bytes calldata path
    ) external pure returns (bytes32 root, uint256 total) {
        uint256 free;
        uint256 freeAfter;
        uint256 zero;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        (root, total) = LineTree.climb(position, hash, sum, path);
        assembly ("memory-safe") {
            freeAfter := mload(0x40)
            zero := mload(0x60)
        }
        vm.assertEq(freeAfter, free, "the free memory pointer is put back");
        vm.assertEq(zero, 0, "and so is zero");
    }

    function _worthOf(Rules.Facts memory facts, Line line) private pure returns (uint256, uint256) {
        return Commission.ofLineDown(line, facts.flatAmount, facts.volumeRate, facts.feeBps);
    }

    function _worths(Line[] memory lines, Rules.Facts memory facts) private pure returns (uint256[] memory worths) {
        worths = new uint256[](lines.length);
        for (uint256 i; i < lines.length; ++i) {
            (uint256 commission, uint256 fee) = _worthOf(facts, lines[i]);
            worths[i] = commission + fee;
        }
    }

    function _batch(bytes32 seed, uint256 size) private pure returns (Line[] memory lines, Rules.Facts memory facts) {
        lines = new Line[](1 + (size % MOST));
        facts = Rules.Facts(uint256(seed) % 10 ** 9, 125 * 100, 500, 10 ** 6, 100, true);
        for (uint256 i; i < lines.length; ++i) {
            lines[i] = Line.wrap(keccak256(abi.encode(seed, i)));
        }
    }
}
