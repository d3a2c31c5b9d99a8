// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Line } from "../../contracts/types/Line.sol";

/// @notice The tree over a batch's lines, written out plainly: hashes and sums in arrays, level by level. The contract only checks
/// what comes of it.
library LineProofs {
    struct Level {
        bytes32[] hashes;
        uint128[] sums;
    }

    /// @notice All levels, from the leaves to the root.
    function tree(Line[] memory lines, uint256[] memory worths) internal pure returns (Level[] memory levels) {
        uint256 depth = depthOf(lines.length);
        levels = new Level[](depth + 1);
        levels[0] = Level(new bytes32[](lines.length), new uint128[](lines.length));
        for (uint256 i; i < lines.length; ++i) {
            levels[0].hashes[i] = Line.unwrap(lines[i]);
            levels[0].sums[i] = uint128(worths[i]);
        }
        for (uint256 k; k < depth; ++k) {
            uint256 count = (levels[k].hashes.length + 1) / 2;
            levels[k + 1] = Level(new bytes32[](count), new uint128[](count));
            for (uint256 i; i < count; ++i) {
                levels[k + 1].hashes[i] = keccak256(bytes.concat(node(levels[k], 2 * i), node(levels[k], 2 * i + 1)));
                levels[k + 1].sums[i] = sumOf(levels[k], 2 * i) + sumOf(levels[k], 2 * i + 1);
            }
        }
    }

    /// @notice The siblings of the node at `position` of `level` on its way to the root.
    function path(
        Level[] memory levels,
        uint256 level,
        uint256 position
    ) internal pure returns (bytes memory siblings) {
        for (; level + 1 < levels.length; ++level) {
            siblings = bytes.concat(siblings, node(levels[level], position ^ 1));
            position /= 2;
        }
    }

    function root(Level[] memory levels) internal pure returns (bytes32 hash, uint256 sum) {
        Level memory last = levels[levels.length - 1];
        return (last.hashes[0], last.sums[0]);
    }

    function node(Level memory level, uint256 position) internal pure returns (bytes memory) {
        if (position >= level.hashes.length) return new bytes(48);
        return abi.encodePacked(level.hashes[position], level.sums[position]);
    }

    function sumOf(Level memory level, uint256 position) internal pure returns (uint128) {
        return position < level.sums.length ? level.sums[position] : 0;
    }

    function depthOf(uint256 count) internal pure returns (uint256 depth) {
        while (1 << depth < count) ++depth;
    }
}
