// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Hashes } from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
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
    /// @dev A complete binary tree in an array: node i has children 2i + 1 and 2i + 2, leaves stand at the end in reverse.
    function root(Line[] calldata lines) internal pure returns (bytes32) {
        uint256 count = lines.length;
        bytes32[] memory nodes = new bytes32[](2 * count - 1);
        for (uint256 i; i < count; ++i) {
            nodes[2 * count - 2 - i] = leaf(i, lines[i]);
        }
        for (uint256 i = count - 1; i > 0; --i) {
            nodes[i - 1] = Hashes.commutativeKeccak256(nodes[2 * i - 1], nodes[2 * i]);
        }
        return nodes[0];
    }

    /// @notice The root that `proof` leads to when line `index` is `line`.
    function rootOf(uint256 index, Line line, bytes32[] calldata proof) internal pure returns (bytes32) {
        return MerkleProof.processProofCalldata(proof, leaf(index, line));
    }
}
