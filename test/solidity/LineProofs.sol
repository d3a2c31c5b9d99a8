// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Hashes } from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import { LineTree } from "../../contracts/libraries/LineTree.sol";
import { Line } from "../../contracts/types/Line.sol";

/// @notice Proofs of lines, as OpenZeppelin's `SimpleMerkleTree` makes them. The contract only checks proofs.
library LineProofs {
    /// @notice The whole tree: node i has children 2i + 1 and 2i + 2, leaf i is the i-th from the end.
    function tree(Line[] memory lines) internal pure returns (bytes32[] memory nodes) {
        uint256 last = 2 * lines.length - 2;
        nodes = new bytes32[](last + 1);
        for (uint256 i; i < lines.length; ++i) {
            nodes[last - i] = LineTree.leaf(i, lines[i]);
        }
        for (uint256 right = last; right != 0; right -= 2) {
            nodes[right / 2 - 1] = Hashes.commutativeKeccak256(nodes[right - 1], nodes[right]);
        }
    }

    /// @notice The siblings on the way from leaf `index` to the root.
    function proof(bytes32[] memory nodes, uint256 index) internal pure returns (bytes32[] memory siblings) {
        uint256 leaf = nodes.length - 1 - index;
        uint256 depth;
        for (uint256 node = leaf; node != 0; node = (node - 1) / 2) {
            ++depth;
        }
        siblings = new bytes32[](depth);
        depth = 0;
        for (uint256 node = leaf; node != 0; node = (node - 1) / 2) {
            siblings[depth++] = nodes[node % 2 == 0 ? node - 1 : node + 1];
        }
    }
}
