// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC3009 } from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IFunding } from "../interfaces/IFunding.sol";
import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";
import { IPermit2 } from "../interfaces/IPermit2.sol";
import { ProgramsState } from "../libraries/ProgramsState.sol";
import { Tokens } from "../libraries/Tokens.sol";

/// @title Funding
/// @notice See {IFunding}, which holds the documentation of every function.
/// @dev The token is never an argument: it is the campaign's, so a signature for another token is no signature here. One guard
/// over both functions: a token that calls back finds nothing to take, because only this contract's own calls move what it
/// holds, and none begins within another.
contract Funding is IFunding, ReentrancyGuardTransient {
    using ProgramsState for IPartnerPrograms;
    using SafeERC20 for IERC20;

    /// @dev The same on every chain that has it.
    IPermit2 private constant PERMIT2 = IPermit2(0x000000000022D473030F116dDEE9F6B43aC78BA3);
    bytes32 private constant FUNDING_TYPEHASH = keccak256("Funding(bytes32 campaignId,uint256 amount)");
    /// @dev How Permit2 wants a witness: its member, then all types of the message in the order of their names.
    string private constant WITNESS_TYPE =
        "Funding witness)Funding(bytes32 campaignId,uint256 amount)TokenPermissions(address token,uint256 amount)";

    IPartnerPrograms public immutable programs;

    constructor(IPartnerPrograms programs_) {
        programs = programs_;
    }

    /// @inheritdoc IFunding
    function fundWithPermit2(
        bytes32 campaignId,
        address funder,
        uint256 amount,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrant {
        IERC20 token = _tokenOf(campaignId);
        uint256 before = token.balanceOf(address(this));
        PERMIT2.permitWitnessTransferFrom(
            IPermit2.PermitTransferFrom(IPermit2.TokenPermissions(address(token), amount), nonce, deadline),
            IPermit2.SignatureTransferDetails(address(this), amount),
            funder,
            keccak256(abi.encode(FUNDING_TYPEHASH, campaignId, amount)),
            WITNESS_TYPE,
            signature
        );
        _passOn(campaignId, funder, token, amount, before);
    }

    /// @inheritdoc IFunding
    function fundWithAuthorization(
        bytes32 campaignId,
        address funder,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        IERC20 token = _tokenOf(campaignId);
        uint256 before = token.balanceOf(address(this));
        // In place of the salt, which is not needed any more: without the IR pipeline there is no room for another variable.
        salt = authorizationNonce(campaignId, salt);
        // To receive and not to transfer: nobody but the receiver can carry that, so the money cannot arrive here without its campaign.
        IERC3009(address(token)).receiveWithAuthorization(
            funder,
            address(this),
            amount,
            validAfter,
            validBefore,
            salt,
            v,
            r,
            s
        );
        _passOn(campaignId, funder, token, amount, before);
    }

    /// @inheritdoc IFunding
    function authorizationNonce(bytes32 campaignId, bytes32 salt) public pure returns (bytes32) {
        return bytes32(bytes24(keccak256(abi.encode(campaignId, salt))));
    }

    function _tokenOf(bytes32 campaignId) private view returns (IERC20) {
        address token = programs.tokenOf(campaignId);
        require(token != Tokens.NATIVE, IPartnerPrograms.InvalidToken(token));
        return IERC20(token);
    }

    /// @dev What arrived since `before` goes into the campaign, all of it or nothing.
    function _passOn(bytes32 campaignId, address funder, IERC20 token, uint256 amount, uint256 before) private {
        uint256 arrived = token.balanceOf(address(this)) - before;
        require(arrived == amount, IPartnerPrograms.WrongAmountArrived(address(token), amount, arrived));
        emit FundedFor(campaignId, funder, amount);
        token.forceApprove(address(programs), amount);
        programs.fund(campaignId, amount);
        // Some tokens do not count large approvals down. Nobody could use it, as the programs take from their caller only; but this
        // contract promises to leave none.
        if (token.allowance(address(this), address(programs)) != 0) token.forceApprove(address(programs), 0);
    }
}
