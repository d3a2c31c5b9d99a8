// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title StickyToken
/// @notice Does not count approvals down when they are used, as some tokens do with large ones. For tests.
contract StickyToken is ERC20("Sticky Token", "STICK") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _spendAllowance(address owner, address spender, uint256 value) internal view override {
        uint256 allowed = allowance(owner, spender);
        require(value <= allowed, ERC20InsufficientAllowance(spender, allowed, value));
    }
}
