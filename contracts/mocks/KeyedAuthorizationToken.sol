// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20TransferAuthorization } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20TransferAuthorization.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title KeyedAuthorizationToken
/// @notice A token with ERC-3009 whose nonces count up under keys: 192 bits of key, 64 of number. For tests.
contract KeyedAuthorizationToken is
    ERC20("Keyed Dollar", "KUSD"),
    EIP712("Keyed Dollar", "1"),
    ERC20TransferAuthorization
{
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
