// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReleasedLines } from "../../contracts/libraries/ReleasedLines.sol";
import { vm } from "./Vm.sol";

contract ReleasedLinesTest {
    using ReleasedLines for ReleasedLines.Batch;
    using ReleasedLines for uint256[2];

    ReleasedLines.Batch private batch;

    function setUp() external {
        batch.linesRoot = bytes32(type(uint256).max);
        batch.releaseAt = type(uint40).max;
        batch.attesterSet = type(uint16).max;
        batch.lineCount = 512;
    }

    function test_everyOneOfThe512MarksIsKeptAlone() external {
        uint256[2] memory before;
        for (uint256 i; i < 512; ++i) {
            uint256[2] memory added;
            added.mark(i);
            vm.assertTrue(added.has(i), "marked");
            vm.assertTrue(!batch.load().has(i), "not released before");
            batch.add(added);

            uint256[2] memory marks = batch.load();
            vm.assertEq(marks[0] ^ before[0], added[0], "just this one");
            vm.assertEq(marks[1] ^ before[1], added[1], "just this one");
            before = marks;
        }
        vm.assertEq(before[0] & before[1], type(uint256).max, "all of them");
        _assertTheRestUntouched();
    }

    function testFuzz_marksAreKeptAndAdded(uint256[2] calldata first, uint256[2] calldata second) external {
        batch.add(first);
        _assertMarks(first[0], first[1]);
        batch.add(second);
        _assertMarks(first[0] | second[0], first[1] | second[1]);
        _assertTheRestUntouched();
    }

    /// @dev A small batch's marks stand in one slot, and the others are not read.
    function testFuzz_marksOfABatchOfAnySizeAreKept(uint256[2] memory marks, uint256 size) external {
        size = 1 + (size % 512);
        batch.lineCount = uint16(size);
        marks[0] &= size < 256 ? (1 << size) - 1 : type(uint256).max;
        marks[1] &=
            size < 256
                ? 0
                : size < 512
                    ? (1 << (size - 256)) - 1
                    : type(uint256).max;
        batch.add(marks);
        _assertMarks(marks[0], marks[1]);
    }

    function _assertMarks(uint256 low, uint256 high) private view {
        uint256[2] memory marks = batch.load();
        vm.assertEq(marks[0], low, "lines 0 to 255");
        vm.assertEq(marks[1], high, "lines 256 to 511");
    }

    function _assertTheRestUntouched() private view {
        vm.assertEq(batch.linesRoot, bytes32(type(uint256).max), "root");
        vm.assertEq(batch.releaseAt, type(uint40).max, "release time");
        vm.assertEq(batch.attesterSet, type(uint16).max, "attester set");
        vm.assertEq(batch.lineCount, 512, "line count");
    }
}
