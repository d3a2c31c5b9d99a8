// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @title HookToken
/// @notice Calls whoever wishes it before it sends and after it received, as ERC-777 does, and at a permit too. For tests.
contract HookToken is ERC20("Hook Token", "HOOK") {
    mapping(address account => bool) private _hooked;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setHook(bool hooked) external {
        _hooked[msg.sender] = hooked;
    }

    function permit(address owner, address, uint256, uint256, uint8, bytes32, bytes32) external {
        _call(owner);
    }

    function _update(address from, address to, uint256 value) internal override {
        _call(from);
        super._update(from, to, value);
        _call(to);
    }

    function _call(address account) private {
        if (_hooked[account]) Address.functionCall(account, "");
    }
}
