// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import { Line } from "../types/Line.sol";

/// @title ConversionTree
/// @notice The leaves under an attestation's `conversionsRoot`. Of them {PartnerPrograms} emits only the root: with a leaf and its
/// proof anyone shows that a conversion is in it, and with all leaves that the lines are their sums.
library ConversionTree {
    /// @notice Leaf of one conversion.
    /// @param number Its conversion number: the attestation's first number plus its place.
    /// @param key Its conversion key (HMAC of the event and the brand's order id, under a secret of the campaign).
    /// @param salt Random; keeps the leaf from being guessed.
    /// @param entries One line of count 1 for every partner it pays, with its volume as capped by the offer.
    /// @dev At least 160 bytes are hashed, a pair of nodes is 64: neither can be passed off as the other.
    function leaf(uint64 number, bytes32 key, bytes32 salt, Line[] calldata entries) internal pure returns (bytes32) {
        return keccak256(abi.encode(number, key, salt, entries));
    }

    function isIn(bytes32 root, bytes32 leaf_, bytes32[] calldata proof) internal pure returns (bool) {
        return MerkleProof.verifyCalldata(proof, root, leaf_);
    }
}
