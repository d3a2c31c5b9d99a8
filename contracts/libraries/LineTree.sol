// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import { Line } from "../types/Line.sol";

/// @title LineTree
/// @notice The Merkle tree over the lines of a batch: the layout and the pair hash of OpenZeppelin's `SimpleMerkleTree`
/// with `sortLeaves: false`, so that the same root and proofs come out of their JavaScript package.
library LineTree {
    /// @notice Leaf of line `index`. The index is in it because released lines are marked by index.
    /// @dev 34 bytes are hashed, a pair of nodes is 64: a node can never be passed off as a leaf, nor a leaf as a node.
    function leaf(uint256 index, Line line) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(uint16(index), line));
    }

    /// @notice Root over `lines`, of which there is at least one.
    /// @dev A complete binary tree as a queue: the leaves in order, then again and again the hash of the next two. (It is
    /// OpenZeppelin's array read from its end.) Assembly, because the same over an array in memory, with `leaf` and
    /// OpenZeppelin's `Hashes`, costs 760 gas a line more, both when a batch is attested and when it is released.
    function root(Line[] calldata lines) internal pure returns (bytes32 top) {
        assert(lines.length != 0);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // The queue stands in free memory, and nobody needs it afterwards.
            let next := mload(0x40)
            let pair := next
            for {
                let i := 0
            } lt(i, lines.length) {
                i := add(i, 1)
            } {
                // The 34 bytes of `leaf`, in scratch space: the last two of the first word, and the second word.
                mstore(0x00, i)
                mstore(0x20, calldataload(add(lines.offset, shl(5, i))))
                mstore(next, keccak256(0x1e, 0x22))
                next := add(next, 0x20)
            }
            for {
                let last := sub(next, 0x20)
            } lt(pair, last) {
                pair := add(pair, 0x40)
            } {
                // The pair is hashed where it stands, the smaller node first.
                let a := mload(pair)
                let b := mload(add(pair, 0x20))
                if gt(a, b) {
                    mstore(pair, b)
                    mstore(add(pair, 0x20), a)
                }
                mstore(next, keccak256(pair, 0x40))
                last := next
                next := add(next, 0x20)
            }
            top := mload(pair)
        }
    }

    /// @notice The root that `proof` leads to when line `index` is `line`.
    function rootOf(uint256 index, Line line, bytes32[] calldata proof) internal pure returns (bytes32) {
        return MerkleProof.processProofCalldata(proof, leaf(index, line));
    }
}
