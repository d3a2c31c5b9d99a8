// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title BurningReceiver
/// @notice Burns all the gas it is given when coins are sent to it. For tests.
contract BurningReceiver {
    receive() external payable {
        // solhint-disable-next-line no-inline-assembly
        assembly {
            invalid()
        }
    }
}
