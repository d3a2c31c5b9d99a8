// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title TwinToken
/// @notice A token with two addresses: one that keeps the balances, and one that passes everything on to it. For tests.
contract TwinToken is ERC20("Twin Token", "TWIN") {
    TwinToken private immutable _first;

    /// @param first The one that keeps the balances; zero for that one itself.
    constructor(TwinToken first) {
        _first = first;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice The second address moves for whom it likes: a real one would keep to itself who may call this.
    function move(address from, address to, uint256 value) external {
        _transfer(from, to, value);
    }

    function balanceOf(address account) public view override returns (uint256) {
        return address(_first) == address(0) ? super.balanceOf(account) : _first.balanceOf(account);
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (address(_first) == address(0)) return super.transfer(to, value);
        _first.move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        if (address(_first) == address(0)) return super.transferFrom(from, to, value);
        _first.move(from, to, value);
        return true;
    }
}
