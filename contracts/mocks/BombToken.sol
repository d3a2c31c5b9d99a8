// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title BombToken
/// @notice Answers a function of the test's choice with any number of bytes, as its result or as its error. For tests.
contract BombToken is ERC20("Bomb Token", "BOMB") {
    bytes4 private _selector;
    uint256 private _size;
    bool private _failing;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function answer(bytes4 selector, uint256 size, bool failing) external {
        (_selector, _size, _failing) = (selector, size, failing);
    }

    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external view {
        _answer(0);
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        super.transfer(to, value);
        _answer(1);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        super.transferFrom(from, to, value);
        _answer(1);
        return true;
    }

    function balanceOf(address account) public view override returns (uint256 balance) {
        balance = super.balanceOf(account);
        _answer(balance);
    }

    /// @dev The first word of the answer is `word`.
    function _answer(uint256 word) private view {
        if (msg.sig != _selector) return;
        (uint256 size, bool failing) = (_size, _failing);
        // solhint-disable-next-line no-inline-assembly
        assembly {
            mstore(0, word)
            if failing {
                revert(0, size)
            }
            return(0, size)
        }
    }
}
