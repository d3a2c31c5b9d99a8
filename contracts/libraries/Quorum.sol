// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";

/// @title Quorum
/// @notice m of n attesters signed one digest.
library Quorum {
    uint256 internal constant MAX_MEMBERS = 16;

    /// @notice A stored attester set. The first member shares the slot of the numbers: the set of one costs one read.
    struct Set {
        uint8 size;
        uint8 threshold;
        uint40 effectiveAt;
        address first;
        address[15] others;
    }

    /// @notice Writes a set over what was there.
    /// @dev Ascending addresses are an order without duplicates, and a majority (2m > n) means that two disjoint groups
    /// can never both sign.
    function write(Set storage set, uint8 threshold, address[] calldata members, uint40 effectiveAt) internal {
        uint256 size = members.length;
        require(
            size != 0 && size <= MAX_MEMBERS && threshold <= size && 2 * uint256(threshold) > size,
            IPartnerPrograms.InvalidThreshold(threshold, size)
        );
        address previous;
        for (uint256 i; i < size; ++i) {
            require(members[i] > previous, IPartnerPrograms.AttestersNotAscending(i, previous, members[i]));
            previous = members[i];
            if (i != 0) set.others[i - 1] = members[i];
        }
        set.first = members[0];
        set.size = uint8(size);
        set.threshold = threshold;
        set.effectiveAt = effectiveAt;
    }

    /// @notice Reverts unless at least `threshold` members signed `digest`, in ascending order of their index.
    /// @dev The sole member of a set may call for itself without signing: a brand's own contract needs no relayer.
    function check(Set storage set, bytes32 digest, IPartnerPrograms.Signature[] calldata signatures) internal view {
        uint256 size = set.size;
        uint256 threshold = set.threshold;
        address first = set.first;
        if (size == 1 && msg.sender == first) return;
        require(signatures.length >= threshold, IPartnerPrograms.TooFewSignatures(threshold, signatures.length));
        uint256 next;
        for (uint256 i; i < signatures.length; ++i) {
            IPartnerPrograms.Signature calldata s = signatures[i];
            uint256 index = s.attester;
            require(index >= next && index < size, IPartnerPrograms.AttestersOutOfOrder(i, index, size));
            next = index + 1;
            address signer = index == 0 ? first : set.others[index - 1];
            require(isSignedBy(signer, digest, s.signature), IPartnerPrograms.InvalidSignature(signer, digest));
        }
    }

    /// @notice Whether `signer` signed: by key first, and only if that is not so, by asking its code (ERC-1271).
    /// @dev Key first, because an account with an EIP-7702 delegation has code and still signs with its key.
    function isSignedBy(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError failure, ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return
            signer.code.length != 0 && SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }
}
