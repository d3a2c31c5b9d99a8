// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ReleasedLines
/// @notice A batch as it is stored, and which of its lines (at most 512) were released.
/// @dev The bits of the first 184 lines stand in the slot that the batch writes anyway, so that a release of a usual batch
/// writes no new slot. In memory a mark is two plain words: bit i of word i / 256 is line i.
library ReleasedLines {
    uint256 private constant LOW_BITS = 184;

    struct Batch {
        bytes32 linesRoot;
        uint40 releaseAt;
        uint16 lineCount;
        uint16 attesterSet;
        uint184 low;
        uint256[2] high;
    }

    function load(Batch storage batch) internal view returns (uint256[2] memory marks) {
        marks[0] = batch.low;
        if (batch.lineCount > LOW_BITS) {
            marks[0] |= batch.high[0] << LOW_BITS;
            marks[1] = batch.high[1];
        }
    }

    /// @notice Adds the marks in `added` to the batch's.
    function add(Batch storage batch, uint256[2] memory added) internal {
        uint184 low = uint184(added[0]);
        uint256 middle = added[0] >> LOW_BITS;
        if (low != 0) batch.low |= low;
        if (middle != 0) batch.high[0] |= middle;
        if (added[1] != 0) batch.high[1] |= added[1];
    }

    function has(uint256[2] memory marks, uint256 index) internal pure returns (bool) {
        return marks[index >> 8] & (1 << (index & 255)) != 0;
    }

    function mark(uint256[2] memory marks, uint256 index) internal pure {
        marks[index >> 8] |= 1 << (index & 255);
    }
}
