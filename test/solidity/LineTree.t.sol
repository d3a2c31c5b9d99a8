// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Limits } from "../../contracts/libraries/Limits.sol";
import { LineTree } from "../../contracts/libraries/LineTree.sol";
import { Line } from "../../contracts/types/Line.sol";
import { LineProofs } from "./LineProofs.sol";
import { vm } from "./Vm.sol";

contract LineTreeTest {
    function testFuzz_theProofOfEveryLineLeadsToTheRoot(bytes32 seed, uint256 size) external view {
        Line[] memory lines = _lines(seed, 1 + (size % Limits.MAX_LINES));
        bytes32[] memory nodes = LineProofs.tree(lines);
        bytes32 root = this.rootOfAll(lines);
        for (uint256 i; i < lines.length; ++i) {
            vm.assertEq(this.rootOf(i, lines[i], LineProofs.proof(nodes, i)), root, "root");
        }
    }

    function test_theProofOfEveryLineLeadsToTheRootOfTheLargestBatch() external view {
        this.testFuzz_theProofOfEveryLineLeadsToTheRoot("largest", Limits.MAX_LINES - 1);
    }

    function testFuzz_theProofOfALineProvesNoOtherLineOrPlace(
        bytes32 seed,
        uint256 size,
        uint256 index,
        uint16 otherIndex,
        Line otherLine
    ) external view {
        Line[] memory lines = _lines(seed, 1 + (size % Limits.MAX_LINES));
        index %= lines.length;
        bytes32[] memory proof = LineProofs.proof(LineProofs.tree(lines), index);
        bytes32 root = this.rootOfAll(lines);
        if (otherIndex != index) vm.assertTrue(this.rootOf(otherIndex, lines[index], proof) != root, "place");
        if (Line.unwrap(otherLine) != Line.unwrap(lines[index]))
            vm.assertTrue(this.rootOf(index, otherLine, proof) != root, "line");
    }

    function testFuzz_aLoweredLineLeadsToTheRootOfTheLoweredBatch(
        bytes32 seed,
        uint256 size,
        uint256 index,
        Line lowered
    ) external view {
        Line[] memory lines = _lines(seed, 1 + (size % Limits.MAX_LINES));
        index %= lines.length;
        bytes32[] memory proof = LineProofs.proof(LineProofs.tree(lines), index);
        lines[index] = lowered;
        vm.assertEq(this.rootOf(index, lowered, proof), this.rootOfAll(lines), "root");
    }

    /// @dev {LineTree} takes lines and proofs from calldata.
    function rootOfAll(Line[] calldata lines) external pure returns (bytes32) {
        return LineTree.root(lines);
    }

    function rootOf(uint256 index, Line line, bytes32[] calldata proof) external pure returns (bytes32) {
        return LineTree.rootOf(index, line, proof);
    }

    function _lines(bytes32 seed, uint256 count) private pure returns (Line[] memory lines) {
        lines = new Line[](count);
        for (uint256 i; i < count; ++i) {
            lines[i] = Line.wrap(keccak256(abi.encode(seed, i)));
        }
    }
}
