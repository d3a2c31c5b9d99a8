// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title LateFeeToken
/// @notice Begins one day to burn a fee of every transfer: of what arrives, or on top of it from the sender. For tests.
contract LateFeeToken is ERC20("Late Fee Token", "LATE") {
    uint256 private _feeBps;
    bool private _onTop;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setFee(uint256 feeBps, bool onTop) external {
        _feeBps = feeBps;
        _onTop = onTop;
    }

    function _update(address from, address to, uint256 value) internal override {
        uint256 fee = from == address(0) ? 0 : (value * _feeBps) / 10_000;
        super._update(from, to, _onTop ? value : value - fee);
        if (fee != 0) super._update(from, address(0), fee);
    }
}
