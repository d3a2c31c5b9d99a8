// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "./IPartnerPrograms.sol";

/// @title IFunding
/// @notice Funds a campaign by a signature instead of an approval, in one transaction that anybody may send and pay for.
///
///     funder --signature--> this contract --fund--> the campaign
///
/// What is signed names the campaign, so whoever carries it can do nothing else with it: not fund another campaign, not take
/// less or more. Carried by a stranger before the funder's own transaction, it does what the funder wanted, once.
/// @dev It has no owner and keeps nothing: what comes in goes on in the same call, and no approval is left behind. Tokens that
/// somebody sends to it by a plain transfer are lost.
interface IFunding {
    /// @notice `funder` paid `amount` into the campaign, whoever carried its signature. The campaign's own `Funded` names this
    /// contract.
    event FundedFor(bytes32 indexed campaignId, address indexed funder, uint256 amount);

    /// @notice Funds by Permit2, for which the funder approved the token once.
    /// @param amount Base units of the campaign's token: just so much is permitted, taken and paid in.
    /// @param nonce A number that the funder did not use with Permit2 before.
    /// @param deadline Not valid after this time.
    /// @param signature By the funder (ERC-1271 for contracts) over Permit2's `PermitWitnessTransferFrom`, with this contract as
    /// spender and the witness `Funding(bytes32 campaignId,uint256 amount)`.
    /// @dev Reverts with `UnknownCampaign`, `InvalidToken` for the native coin, with what Permit2 reverts with (without a reason
    /// on a chain where it is not), `WrongAmountArrived`, and as `IPartnerPrograms.fund` does.
    function fundWithPermit2(
        bytes32 campaignId,
        address funder,
        uint256 amount,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Funds by an authorization as ERC-3009 has them (USDC, EURC), for which nothing was approved.
    /// @param amount Base units of the campaign's token: just so much is authorized, taken and paid in.
    /// @param validAfter,validBefore The authorization is valid between these times, both excluded.
    /// @param salt Tells apart authorizations of one funder for one campaign.
    /// @param v,r,s The funder's signature over the token's `ReceiveWithAuthorization`, to this contract, with `authorizationNonce`.
    /// @dev Reverts with `UnknownCampaign`, `InvalidToken` for the native coin, with what the token reverts with (without a
    /// reason if it knows no such authorizations), `WrongAmountArrived`, and as `IPartnerPrograms.fund` does.
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
    ) external;

    /// @notice The nonce that an authorization for this campaign has, so that it is for no other: 192 bits of the hash of both,
    /// then 64 of zero. Tokens that count nonces by keys (OpenZeppelin's `ERC20TransferAuthorization`) take it as a key's first.
    function authorizationNonce(bytes32 campaignId, bytes32 salt) external pure returns (bytes32);

    /// @notice Whose campaigns are funded.
    function programs() external view returns (IPartnerPrograms);
}
