// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @title CallingReceiver
/// @notice Makes a call of the test's choice when it is next paid, keeps the answer, and takes the money. For tests.
contract CallingReceiver {
    address private _target;
    uint256 private _value;
    bytes private _data;
    uint256 public timesPaid;
    bool public succeeded;
    bytes public answer;

    receive() external payable {
        _paid();
    }

    function callWhenPaid(address target, uint256 value, bytes calldata data) external {
        (_target, _value, _data) = (target, value, data);
    }

    function execute(address target, bytes calldata data) external {
        Address.functionCall(target, data);
    }

    function _paid() private {
        ++timesPaid;
        address target = _target;
        if (target == address(0)) return;
        _target = address(0);
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, answer) = target.call{ value: _value }(_data);
    }
}
