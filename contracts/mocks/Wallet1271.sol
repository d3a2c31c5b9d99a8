// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Wallet1271
/// @notice A contract account: its key's signature is its signature (ERC-1271), and its key calls through it. For tests.
contract Wallet1271 is IERC1271 {
    address public immutable key;

    error NotKey(address caller);

    constructor(address key_) {
        key = key_;
    }

    receive() external payable {}

    function execute(address target, bytes calldata data) external {
        require(msg.sender == key, NotKey(msg.sender));
        Address.functionCall(target, data);
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address recovered, ECDSA.RecoverError failure, ) = ECDSA.tryRecoverCalldata(hash, signature);
        return failure == ECDSA.RecoverError.NoError && recovered == key ? this.isValidSignature.selector : bytes4(0);
    }
}
