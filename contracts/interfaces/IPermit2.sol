// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IPermit2
/// @notice The one function of Permit2 (github.com/Uniswap/permit2, `ISignatureTransfer`) that {IFunding} needs.
interface IPermit2 {
    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    struct PermitTransferFrom {
        TokenPermissions permitted;
        /// Any number that its owner did not use before: they are marks in a bitmap, not a count.
        uint256 nonce;
        /// Not valid after this time.
        uint256 deadline;
    }

    struct SignatureTransferDetails {
        address to;
        uint256 requestedAmount;
    }

    /// @notice Moves tokens by their owner's signature over what is permitted, the caller, and a witness of the caller's choice.
    function permitWitnessTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata transferDetails,
        address owner,
        bytes32 witness,
        string calldata witnessTypeString,
        bytes calldata signature
    ) external;
}
