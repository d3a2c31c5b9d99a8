// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title LoudReceiver
/// @notice Accepts coins and answers with 2 MB, which whoever copies the answer pays for. For tests.
contract LoudReceiver {
    receive() external payable {
        // solhint-disable-next-line no-inline-assembly
        assembly {
            return(0, 2000000)
        }
    }
}
