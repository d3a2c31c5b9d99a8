// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";

/// @title ReleasedLines
/// @notice A batch as it is stored, and which of its lines (at most 512) were released.
/// @dev A line is due until it is released. Stored is what is due, so that every slot is new when the batch is attested, and
/// none when somebody pulls a line: no partner pays for the others. The first 184 lines stand in the slot that the batch
/// writes anyway. In memory, marks are two plain words: bit i of word i / 256 is line i.
library ReleasedLines {
    uint256 private constant LOW_BITS = 184;

    struct Batch {
        bytes32 linesRoot;
        uint40 releaseAt;
        uint16 lineCount;
        uint16 attesterSet;
        uint184 dueLow;
        /// Bit i of word i / 256, for the lines from 184 on.
        uint256[2] dueHigh;
    }

    /// @notice Marks for all of `lineCount` lines.
    function all(uint256 lineCount) internal pure returns (uint256[2] memory marks) {
        marks[0] = _ones(lineCount);
        if (lineCount > 256) marks[1] = _ones(lineCount - 256);
    }

    /// @notice Writes a new batch, all of whose lines are due.
    function open(
        Batch storage batch,
        bytes32 linesRoot,
        uint40 releaseAt,
        uint256 lineCount,
        uint16 attesterSet
    ) internal {
        uint256 first = _ones(lineCount);
        batch.linesRoot = linesRoot;
        batch.releaseAt = releaseAt;
        batch.lineCount = uint16(lineCount);
        batch.attesterSet = attesterSet;
        batch.dueLow = uint184(first);
        if (lineCount > LOW_BITS) batch.dueHigh[0] = (first >> LOW_BITS) << LOW_BITS;
        if (lineCount > 256) batch.dueHigh[1] = _ones(lineCount - 256);
    }

    /// @notice The marks of the lines that are due.
    function due(Batch storage batch) internal view returns (uint256[2] memory marks) {
        uint256 lineCount = batch.lineCount;
        marks[0] = batch.dueLow;
        if (lineCount > LOW_BITS) marks[0] |= batch.dueHigh[0];
        if (lineCount > 256) marks[1] = batch.dueHigh[1];
    }

    /// @notice The marks of the lines that were released.
    function released(Batch storage batch) internal view returns (uint256[2] memory marks) {
        uint256[2] memory still = due(batch);
        marks = all(batch.lineCount);
        marks[0] &= ~still[0];
        marks[1] &= ~still[1];
    }

    /// @notice Keeps of `marks` those of the lines at `indices`.
    function keepOnly(uint256[2] memory marks, uint16[] calldata indices, uint256 lineCount) internal pure {
        uint256[2] memory kept;
        for (uint256 i; i < indices.length; ++i) {
            uint256 index = indices[i];
            require(index < lineCount, IPartnerPrograms.UnknownLine(index, lineCount));
            kept[index >> 8] |= 1 << (index & 255);
        }
        marks[0] &= kept[0];
        marks[1] &= kept[1];
    }

    /// @notice Line `index`, below the batch's count, is due.
    function isDue(Batch storage batch, uint256 index) internal view returns (bool) {
        uint256 word = index < LOW_BITS ? batch.dueLow : batch.dueHigh[index >> 8];
        return word & (1 << (index & 255)) != 0;
    }

    /// @notice Releases the marked lines.
    function release(Batch storage batch, uint256[2] memory marks) internal {
        uint184 low = uint184(marks[0]);
        uint256 middle = marks[0] >> LOW_BITS;
        if (low != 0) batch.dueLow &= ~low;
        if (middle != 0) batch.dueHigh[0] &= ~(middle << LOW_BITS);
        if (marks[1] != 0) batch.dueHigh[1] &= ~marks[1];
    }

    /// @notice Releases line `index`, below the batch's count.
    function releaseOne(Batch storage batch, uint256 index) internal {
        uint256 bit = 1 << (index & 255);
        if (index < LOW_BITS) batch.dueLow &= ~uint184(bit);
        else batch.dueHigh[index >> 8] &= ~bit;
    }

    function has(uint256[2] memory marks, uint256 index) internal pure returns (bool) {
        return marks[index >> 8] & (1 << (index & 255)) != 0;
    }

    /// @dev A word whose lowest `count` bits are set: all of them from 256 on, because such a shift gives 0.
    function _ones(uint256 count) private pure returns (uint256) {
        unchecked {
            return (1 << count) - 1;
        }
    }
}
