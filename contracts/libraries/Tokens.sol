// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { LowLevelCall } from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";

/// @title Tokens
/// @notice Moves ERC-20 tokens and the native coin.
/// @dev Assumptions on a token, and what happens where they do not hold:
/// - what is sent arrives: a fee on a deposit is refused here; a fee that begins later burdens the receivers;
/// - balances move only by transfer: a rebasing token is not supported, a shrinking one cannot pay everybody;
/// - transfers may return nothing or true: false counts as a revert;
/// - transfers may call anybody: every function that moves tokens is behind one guard;
/// - an issuer may block an address: a blocked partner names another receiver; a block of this contract stops all
///   campaigns in that token, and no others.
library Tokens {
    using SafeERC20 for IERC20;

    /// @notice The native coin's name as a token (ERC-7528).
    address internal constant NATIVE = 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE;

    /// @notice Takes `amount` from the caller, and checks that just so much arrived.
    function take(address token, uint256 amount) internal {
        if (token == NATIVE) {
            require(msg.value == amount, IPartnerPrograms.WrongNativeAmount(amount, msg.value));
            return;
        }
        require(msg.value == 0, IPartnerPrograms.WrongNativeAmount(0, msg.value));
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 arrived = IERC20(token).balanceOf(address(this)) - before;
        require(arrived == amount, IPartnerPrograms.WrongAmountArrived(token, amount, arrived));
    }

    /// @notice Sends `amount` to `receiver`. What the receiver of coins returns is not even copied.
    function send(address token, address receiver, uint256 amount) internal {
        if (token == NATIVE) {
            require(
                LowLevelCall.callNoReturn(receiver, amount, ""),
                IPartnerPrograms.NativeTransferFailed(receiver, amount)
            );
        } else {
            IERC20(token).safeTransfer(receiver, amount);
        }
    }
}
