// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title LyingToken
/// @notice Says of every balance what the test wants, and moves nothing once it is told so, saying true. For tests.
contract LyingToken is ERC20("Lying Token", "LIE") {
    int256 private _times = 1;
    int256 private _plus;
    int256 private _perTransfer;
    int256 private _transfers;
    bool private _still;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice A balance is said to be `times` the true one, and `plus`, and `perTransfer` for every transfer from now on.
    function lie(int256 times, int256 plus, int256 perTransfer) external {
        (_times, _plus, _perTransfer, _transfers) = (times, plus, perTransfer, 0);
    }

    function setStill(bool still) external {
        _still = still;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return uint256(int256(super.balanceOf(account)) * _times + _plus + _perTransfer * _transfers);
    }

    function _update(address from, address to, uint256 value) internal override {
        ++_transfers;
        if (!_still) super._update(from, to, value);
    }
}
