// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @title RefusingReceiver
/// @notice Has no way to receive coins, and makes any call that it is told to. For tests.
contract RefusingReceiver {
    function execute(address target, bytes calldata data) external {
        Address.functionCall(target, data);
    }
}
