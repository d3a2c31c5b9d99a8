// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC3009 } from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title AuthorizationToken
/// @notice A token with ERC-3009 and its own free nonces, as USDC has them, which misbehaves when it is told to. For tests.
contract AuthorizationToken is ERC20("USD Coin", "USDC"), EIP712("USD Coin", "2"), ERC3009 {
    uint256 private _feeBps;
    address private _target;
    bytes private _data;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice From now on burns a fee of every transfer.
    function setFee(uint256 feeBps) external {
        _feeBps = feeBps;
    }

    /// @notice Makes a call in the middle of its next transfer, and reverts with what that reverts with.
    function callDuringTransfer(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function _update(address from, address to, uint256 value) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : (value * _feeBps) / 10_000;
        super._update(from, to, value - fee);
        if (fee != 0) super._update(from, address(0), fee);
        address target = _target;
        if (target == address(0)) return;
        _target = address(0);
        Address.functionCall(target, _data);
    }
}
