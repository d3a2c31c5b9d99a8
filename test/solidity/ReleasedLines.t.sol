// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { ReleasedLines } from "../../contracts/libraries/ReleasedLines.sol";
import { vm } from "./Vm.sol";

contract ReleasedLinesTest {
    using ReleasedLines for ReleasedLines.Batch;
    using ReleasedLines for uint256[2];

    bytes32 private constant ROOT = bytes32(type(uint256).max);

    ReleasedLines.Batch private batch;

    function test_everyOneOf512LinesIsReleasedAlone() external {
        _open(512);
        uint256[2] memory before;
        for (uint256 i; i < 512; ++i) {
            vm.assertTrue(batch.isDue(i), "due before");
            vm.assertTrue(batch.due().has(i), "due before");
            batch.releaseOne(i);
            vm.assertTrue(!batch.isDue(i), "not due after");

            uint256[2] memory marks = batch.released();
            vm.assertEq(marks[0] ^ before[0], i < 256 ? 1 << i : 0, "just this one");
            vm.assertEq(marks[1] ^ before[1], i < 256 ? 0 : 1 << (i - 256), "just this one");
            before = marks;
        }
        vm.assertEq(before[0] & before[1], type(uint256).max, "all of them");
        _assertTheRestUntouched(512);
    }

    function testFuzz_releasesAddUp(uint256[2] calldata first, uint256[2] calldata second) external {
        _open(512);
        batch.release(first);
        _assertReleased(first[0], first[1]);
        batch.release(second);
        _assertReleased(first[0] | second[0], first[1] | second[1]);
        batch.release(second);
        _assertReleased(first[0] | second[0], first[1] | second[1]);
        _assertTheRestUntouched(512);
    }

    /// @dev Sizes around the borders of the slots are drawn as often as all others.
    function testFuzz_aBatchOfAnySizeIsDueAndReleasedWhole(
        uint256[2] memory marks,
        uint256 size,
        bool border
    ) external {
        uint16[8] memory borders = [1, 183, 184, 185, 255, 256, 257, 512];
        size = border ? borders[size % 8] : 1 + (size % 512);
        uint256 low = size < 256 ? (1 << size) - 1 : type(uint256).max;
        uint256 high =
            size <= 256
                ? 0
                : size < 512
                    ? (1 << (size - 256)) - 1
                    : type(uint256).max;
        _open(size);
        uint256[2] memory all = batch.due();
        vm.assertEq(all[0], low, "all due");
        vm.assertEq(all[1], high, "all due");
        _assertReleased(0, 0);

        marks[0] &= low;
        marks[1] &= high;
        batch.release(marks);
        _assertReleased(marks[0], marks[1]);
        uint256[2] memory rest = batch.due();
        vm.assertEq(rest[0], low & ~marks[0], "the rest due");
        vm.assertEq(rest[1], high & ~marks[1], "the rest due");
        for (uint256 i; i < size; ++i) {
            vm.assertTrue(batch.isDue(i) == rest.has(i), "isDue reads the same");
        }
        batch.release(rest);
        _assertReleased(low, high);
        _assertTheRestUntouched(size);
    }

    function testFuzz_keepOnlyKeepsTheMarksOfTheIndicesGiven(
        uint256[2] memory marks,
        uint16[] memory indices
    ) external {
        uint256[2] memory kept;
        for (uint256 i; i < indices.length; ++i) {
            indices[i] %= 512;
            if (marks.has(indices[i])) kept[indices[i] >> 8] |= 1 << (indices[i] & 255);
        }
        uint256[2] memory got = this.keepOnly(marks, indices, 512);
        vm.assertEq(got[0], kept[0], "lines 0 to 255");
        vm.assertEq(got[1], kept[1], "lines 256 to 511");
    }

    function testFuzz_keepOnlyKnowsOnlyTheBatchsLines(uint16 index, uint16 lineCount) external {
        lineCount = 1 + (lineCount % 512);
        index = lineCount + (index % 1000);
        uint16[] memory indices = new uint16[](1);
        indices[0] = index;
        uint256[2] memory marks;
        vm.expectRevert(abi.encodeWithSelector(IPartnerPrograms.UnknownLine.selector, index, lineCount));
        this.keepOnly(marks, indices, lineCount);
    }

    function keepOnly(
        uint256[2] memory marks,
        uint16[] calldata indices,
        uint256 lineCount
    ) external pure returns (uint256[2] memory) {
        marks.keepOnly(indices, lineCount);
        return marks;
    }

    function _open(uint256 lineCount) private {
        batch.open(ROOT, type(uint40).max, lineCount, type(uint16).max);
    }

    function _assertReleased(uint256 low, uint256 high) private view {
        uint256[2] memory marks = batch.released();
        vm.assertEq(marks[0], low, "lines 0 to 255");
        vm.assertEq(marks[1], high, "lines 256 to 511");
    }

    function _assertTheRestUntouched(uint256 lineCount) private view {
        vm.assertEq(batch.linesRoot, ROOT, "root");
        vm.assertEq(batch.releaseAt, type(uint40).max, "release time");
        vm.assertEq(batch.attesterSet, type(uint16).max, "attester set");
        vm.assertEq(batch.lineCount, lineCount, "line count");
    }
}
