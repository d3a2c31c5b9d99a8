// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @title ReentrantToken
/// @notice Makes a call of the test's choice in the middle of its next transfer, and reverts with what that reverts with.
contract ReentrantToken is ERC20("Reentrant Token", "AGAIN") {
    address private _target;
    bytes private _data;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function callDuringTransfer(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        address target = _target;
        if (target == address(0)) return;
        _target = address(0);
        Address.functionCall(target, _data);
    }
}
