// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";
import { Line } from "../types/Line.sol";

/// @title StructHash
/// @notice The EIP-712 struct hashes of everything that is signed for the contract. A line is signed as bytes32.
library StructHash {
    bytes32 internal constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(bytes32 campaignId,uint64 firstConversion,uint32 conversions,uint40 periodFrom,uint40 periodTo,uint40 deadline,bytes32 conversionsRoot,bytes32 linesRoot,uint32 lineCount,uint128 total)"
    );
    bytes32 internal constant REVERSAL_TYPEHASH = keccak256(
        "Reversal(bytes32 campaignId,bytes32 attestation,bytes32[] targets,bytes32 reasonHash)"
    );
    bytes32 internal constant CLAIM_TYPEHASH = keccak256(
        "ClaimOrder(address owner,address receiver,address[] tokens,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant PAYOUT_TYPEHASH = keccak256(
        "PayoutOrder(address owner,address receiver,uint32 lockSeconds,uint256 nonce,uint256 deadline)"
    );

    /// @dev Its ten words stand in calldata as EIP-712 encodes them; a number out of its range is not looked for, and gives a
    /// hash that nobody signs. Assembly, because to read them one by one costs 700 gas more.
    function ofAttestation(IPartnerPrograms.Attestation calldata a) internal pure returns (bytes32 hash) {
        bytes32 typeHash = ATTESTATION_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            mstore(encoded, typeHash)
            calldatacopy(add(encoded, 0x20), a, 0x140)
            hash := keccak256(encoded, 0x160)
        }
    }

    /// @param attestation The digest of the attestation whose lines are lowered.
    function ofReversal(
        bytes32 campaignId,
        bytes32 attestation,
        IPartnerPrograms.LineReversal[] calldata lines,
        bytes32 reasonHash
    ) internal pure returns (bytes32) {
        Line[] memory targets = new Line[](lines.length);
        for (uint256 i; i < lines.length; ++i) {
            targets[i] = lines[i].target;
        }
        return ofReversal(campaignId, attestation, targets, reasonHash);
    }

    function ofReversal(
        bytes32 campaignId,
        bytes32 attestation,
        Line[] memory targets,
        bytes32 reasonHash
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(REVERSAL_TYPEHASH, campaignId, attestation, keccak256(abi.encodePacked(targets)), reasonHash)
            );
    }

    function ofClaim(IPartnerPrograms.ClaimOrder calldata order) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    CLAIM_TYPEHASH,
                    order.owner,
                    order.receiver,
                    keccak256(abi.encodePacked(order.tokens)),
                    order.nonce,
                    order.deadline
                )
            );
    }

    function ofPayout(IPartnerPrograms.PayoutOrder calldata order) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(PAYOUT_TYPEHASH, order.owner, order.receiver, order.lockSeconds, order.nonce, order.deadline)
            );
    }
}
