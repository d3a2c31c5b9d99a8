// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @title WatchfulWallet
/// @notice A contract account that has signed everything, as long as a view of the test's choice returns what it did before.
/// For tests.
contract WatchfulWallet is IERC1271 {
    address private _target;
    bytes private _data;
    bytes32 private _before;

    function watch(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
        _before = keccak256(Address.functionStaticCall(target, data));
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        bool same = keccak256(Address.functionStaticCall(_target, _data)) == _before;
        return same ? this.isValidSignature.selector : bytes4(0);
    }
}
