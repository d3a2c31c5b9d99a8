// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC721 } from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";
import { ReportsConversions } from "../base/ReportsConversions.sol";

/// @title ReferredMint
/// @notice A mint that pays whoever referred the minter: a {ReportsConversions} in thirty lines of its own.
/// @dev The referrer is what the minter says: pay less for a mint than a mint costs, or people refer themselves. The volume is the
/// price: for a rate the campaign has the native coin as its token; with a flat amount any token will do.
contract ReferredMint is ERC721, ReportsConversions {
    uint256 public immutable price;
    address public immutable brand;

    uint16 public offerId;
    uint256 public minted;

    error NotBrand(address caller, address brand);
    error WrongPrice(uint256 expected, uint256 sent);

    constructor(
        IPartnerPrograms programs_,
        uint256 price_
    ) ERC721("Referred Mint", "RMINT") ReportsConversions(programs_) {
        price = price_;
        brand = msg.sender;
    }

    /// @notice Names the campaign and the offer that pay for mints, once.
    function setCampaign(bytes32 campaignId_, uint16 offerId_) external {
        require(msg.sender == brand, NotBrand(msg.sender, brand));
        _setCampaign(campaignId_);
        offerId = offerId_;
    }

    /// @notice Mints a token to the caller and reports it as a conversion of `referrer`, if there is one.
    function mint(address referrer) external payable returns (uint256 tokenId) {
        require(msg.value == price, WrongPrice(price, msg.value));
        tokenId = ++minted;
        _mint(msg.sender, tokenId);
        if (referrer != address(0) && referrer != msg.sender)
            _tryReportConversion(offerId, referrer, msg.value, bytes32(tokenId));
    }

    function withdraw() external {
        require(msg.sender == brand, NotBrand(msg.sender, brand));
        Address.sendValue(payable(brand), address(this).balance);
    }
}
