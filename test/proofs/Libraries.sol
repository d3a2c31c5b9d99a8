// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Commission } from "../../contracts/libraries/Commission.sol";
import { LineTree } from "../../contracts/libraries/LineTree.sol";
import { Rules } from "../../contracts/libraries/Rules.sol";
import { Line } from "../../contracts/types/Line.sol";

/// @notice Opens the libraries that price, judge and sum, as they stand in `contracts/`, to `npm run prove`, which runs what the
/// compiler makes of them on unknown values.
contract Libraries {
    function ofLineDown(
        Line line,
        uint256 flatAmount,
        uint256 volumeRate,
        uint256 feeBps
    ) external pure returns (uint256 commission, uint256 fee) {
        return Commission.ofLineDown(line, flatAmount, volumeRate, feeBps);
    }

    function numbersHold(Line line, uint256 capUnits, uint256 conversions) external pure returns (bool) {
        return Rules.numbersHold(line, capUnits, conversions);
    }

    /// @return next What `setLeaves` returns; then of line `index` its word, and its leaf.
    function leaf(
        Line[] calldata lines,
        Rules.Facts calldata facts,
        uint256 index
    ) external pure returns (uint256 next, uint256 word, bytes32 hash, uint256 sum) {
        uint256[] memory words = LineTree.room(lines.length);
        next = LineTree.setLeaves(words, lines, 0, facts);
        word = LineTree.wordOf(words, index);
        assembly ("memory-safe") {
            let at := add(add(add(words, 0x20), shl(5, lines.length)), mul(48, index))
            hash := mload(at)
            sum := shr(128, mload(add(at, 32)))
        }
    }

    function fold(
        bytes32[] calldata hashes,
        uint128[] calldata sums,
        uint256 height
    ) external pure returns (bytes32 hash, uint256 sum) {
        uint256 count = hashes.length;
        uint256[] memory words = LineTree.room(count);
        for (uint256 i; i < count; ++i) {
            (bytes32 own, uint256 worth) = (hashes[i], sums[i]);
            assembly ("memory-safe") {
                let at := add(add(add(words, 0x20), shl(5, count)), mul(48, i))
                mstore(at, own)
                mstore(add(at, 32), shl(128, worth))
            }
        }
        return LineTree.fold(words, count, height);
    }

    function climb(
        uint256 position,
        bytes32 hash,
        uint256 sum,
        bytes calldata path
    ) external pure returns (bytes32, uint256) {
        return LineTree.climb(position, hash, sum, path);
    }

    function depth(uint256 lineCount) external pure returns (uint256) {
        return LineTree.depth(lineCount);
    }
}
