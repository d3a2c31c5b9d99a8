// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Line } from "../types/Line.sol";
import { Rules } from "./Rules.sol";

/// @title LineTree
/// @notice The tree over the lines of a batch, which also sums. A node is a hash (32 bytes) and a sum (16 bytes):
///
///     leaf i:   (line i, what line i is worth)
///     parent:   (keccak256(left node, right node), left sum + right sum)
///     nothing:  (0, 0), to the right of the last line, on every level
///
/// It is perfect: with n lines every leaf is at the same depth, the least d with 2^d >= n, and a line's place in it is its index.
/// A path is the siblings on the way to the root, node after node.
/// @dev What a leaf is worth is never given but computed by the contract, and a sum is part of the hash above it. So whoever
/// leads a line to a root and a total has shown that the line is in the batch at this place, and what it is worth; and since sums
/// are not negative and are added up exactly, all lines that can ever be led there are together worth the total at most. What
/// else stands in the tree does not matter. A leaf needs no hash of its own: depth is fixed by the number of lines, which is
/// signed, so a node is never taken for a leaf.
library LineTree {
    /// @notice Bytes of a node.
    uint256 internal constant NODE = 48;
    /// @notice In the word of a line: it holds.
    uint256 internal constant HOLDS = 1 << 255;

    /// @notice How deep the leaves of `lineCount` lines are, of which there is at least one.
    function depth(uint256 lineCount) internal pure returns (uint256 levels) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            levels := sub(256, clz(sub(lineCount, 1)))
        }
    }

    /// @notice Room for `count` lines: first a word for what each comes to (see `setLeaves`), then the leaves, which `fold` uses up.
    /// @dev Assembly, because every word is written before it is read, and need not be zero.
    function room(uint256 count) internal pure returns (uint256[] memory words) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            words := mload(0x40)
            // A leaf is a word and a half. Two more, for the nothing beside a last leaf that has no right neighbour.
            let length := add(shr(1, mul(5, count)), 4)
            mstore(words, length)
            mstore(0x40, add(words, shl(5, add(length, 1))))
        }
    }

    /// @notice Writes the leaves of consecutive lines, from line `first` on, as far as they have one offer; and for each a word of
    /// its commission, with `HOLDS` if it holds whoever its partner is.
    /// @param facts Those of the offer of line `first`.
    /// @return next The first line after them, or the number of lines.
    /// @dev Prices as {Commission-ofLineDown} and judges as {Rules-ofNumbers}; a test compares them. Assembly, because a thousand
    /// lines would pay 600 gas each for calls, and for checks of bounds that are known to hold.
    function setLeaves(
        uint256[] memory words,
        Line[] calldata lines,
        uint256 first,
        Rules.Facts memory facts
    ) internal pure returns (uint256 next) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let place := add(lines.offset, shl(5, first))
            let end := add(lines.offset, shl(5, lines.length))
            let toWord := sub(add(words, 0x20), lines.offset)
            let leaf := add(add(add(words, 0x20), shl(5, lines.length)), mul(first, 48))
            let offerId := shr(240, calldataload(place))
            for {} lt(place, end) {
                place := add(place, 0x20)
            } {
                let line := calldataload(place)
                if xor(shr(240, line), offerId) {
                    break
                }
                let count := and(shr(56, line), 0xffffff)
                let volume := and(line, 0xffffffffffffff)
                let commission := add(mul(count, mload(facts)), div(mul(volume, mload(add(facts, 0x20))), 10000))
                mstore(leaf, line)
                // Its lower half is where the next leaf begins.
                mstore(add(leaf, 32), shl(128, add(commission, div(mul(commission, mload(add(facts, 0x40))), 10000))))
                leaf := add(leaf, 48)
                // Open, at least one partner (the address stands above 80 bits), and numbers that hold.
                let holds := and(mload(add(facts, 0xa0)), iszero(iszero(shl(96, shr(80, line)))))
                holds := and(holds, iszero(gt(volume, mul(count, mload(add(facts, 0x60))))))
                holds := and(holds, iszero(gt(count, mload(add(facts, 0x80)))))
                mstore(add(place, toWord), or(commission, shl(255, holds)))
            }
            next := shr(5, sub(place, lines.offset))
        }
    }

    /// @notice What `setLeaves` wrote for line `index`, of which there is one.
    function wordOf(uint256[] memory words, uint256 index) internal pure returns (uint256 word) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            word := mload(add(words, shl(5, add(index, 1))))
        }
    }

    /// @notice The node over `count` leaves, at least one, `height` levels above them.
    /// @dev Level by level where the leaves stand. A sum of 2^128 or more makes the result larger than any total, and it stays so however
    /// far one climbs from there: 2^128.
    /// Assembly, because the checks of an array's bounds would cost more than the hashing.
    function fold(
        uint256[] memory words,
        uint256 count,
        uint256 height
    ) internal pure returns (bytes32 hash, uint256 sum) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let start := add(add(words, 0x20), shl(5, count))
            let seen := 0
            for {} height {
                height := sub(height, 1)
            } {
                let end := add(start, mul(count, 48))
                if and(count, 1) {
                    mstore(end, 0)
                    mstore(add(end, 16), 0)
                }
                let parent := start
                for {
                    let pair := start
                } lt(pair, end) {
                    pair := add(pair, 96)
                } {
                    // The left sum begins the word after 32 bytes, the right one ends the word after 64.
                    let both := add(shr(128, mload(add(pair, 32))), shr(128, shl(128, mload(add(pair, 64)))))
                    seen := or(seen, both)
                    mstore(parent, keccak256(pair, 96))
                    // Its lower half is where the next parent begins, or has been read.
                    mstore(add(parent, 32), shl(128, both))
                    parent := add(parent, 48)
                }
                count := shr(1, add(count, 1))
            }
            hash := mload(start)
            sum := shr(128, mload(add(start, 32)))
            if shr(128, seen) {
                sum := shl(128, 1)
            }
        }
    }

    /// @notice Where the node at `position` of its level leads along `path`, the siblings from its level up.
    /// @dev The sum is exact: siblings' have 128 bits by their form, and there are few. Assembly, for the same reason as above, and
    /// in the first 96 bytes of memory: the free memory pointer, which stands there, is put back.
    function climb(
        uint256 position,
        bytes32 hash,
        uint256 sum,
        bytes calldata path
    ) internal pure returns (bytes32, uint256) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            let sibling := path.offset
            for {
                let end := add(sibling, path.length)
            } lt(sibling, end) {
                sibling := add(sibling, 48)
            } {
                let own := mul(48, and(position, 1))
                // Its lower half alone is the sum's: the hash is written over the other.
                mstore(add(own, 16), sum)
                mstore(own, hash)
                calldatacopy(sub(48, own), sibling, 48)
                hash := keccak256(0, 96)
                sum := add(sum, shr(128, calldataload(add(sibling, 32))))
                position := shr(1, position)
            }
            mstore(0x40, free)
        }
        return (hash, sum);
    }
}
