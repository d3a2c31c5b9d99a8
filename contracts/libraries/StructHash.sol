// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";

/// @title StructHash
/// @notice The EIP-712 struct hashes of everything that is signed for the contract. A line is signed as bytes32.
library StructHash {
    bytes32 internal constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(bytes32 campaignId,uint64 firstConversion,uint32 conversions,uint40 periodFrom,uint40 periodTo,uint40 deadline,bytes32 conversionsRoot,bytes32[] lines)"
    );
    bytes32 internal constant REVERSAL_TYPEHASH = keccak256(
        "Reversal(bytes32 campaignId,bytes32 attestation,bytes32[] targets,bytes32 reasonHash)"
    );
    bytes32 internal constant CLAIM_TYPEHASH = keccak256(
        "ClaimOrder(address owner,address receiver,address[] tokens,uint256 nonce,uint256 deadline)"
    );

    function ofAttestation(IPartnerPrograms.Attestation calldata a) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    ATTESTATION_TYPEHASH,
                    a.campaignId,
                    a.firstConversion,
                    a.conversions,
                    a.periodFrom,
                    a.periodTo,
                    a.deadline,
                    a.conversionsRoot,
                    keccak256(abi.encodePacked(a.lines))
                )
            );
    }

    function ofReversal(IPartnerPrograms.Reversal calldata r) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    REVERSAL_TYPEHASH,
                    r.campaignId,
                    r.attestation,
                    keccak256(abi.encodePacked(r.targets)),
                    r.reasonHash
                )
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
}
