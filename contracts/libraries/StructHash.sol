// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";
import { Line, LineLib } from "../types/Line.sol";

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
        return ofAttestation(a, a.lines);
    }

    /// @dev For a caller that has located `a.lines` already. The words before the lines stand in calldata as EIP-712 encodes
    /// them; a number out of its range is not looked for, and gives a hash that nobody signs. Assembly, because to read them
    /// one by one costs 710 gas more.
    function ofAttestation(
        IPartnerPrograms.Attestation calldata a,
        Line[] calldata lines
    ) internal pure returns (bytes32 hash) {
        bytes32 typeHash = ATTESTATION_TYPEHASH;
        bytes32 linesHash = keccak256(abi.encodePacked(LineLib.words(lines)));
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let encoded := mload(0x40)
            mstore(encoded, typeHash)
            calldatacopy(add(encoded, 0x20), a, 0xe0)
            mstore(add(encoded, 0x100), linesHash)
            hash := keccak256(encoded, 0x120)
        }
    }

    function ofReversal(IPartnerPrograms.Reversal calldata r) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    REVERSAL_TYPEHASH,
                    r.campaignId,
                    r.attestation,
                    keccak256(abi.encodePacked(LineLib.words(r.targets))),
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
