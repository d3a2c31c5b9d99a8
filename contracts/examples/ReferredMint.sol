// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC721 } from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";
import { Line, LineLib } from "../types/Line.sol";

/// @title ReferredMint
/// @notice A brand's own contract as the attester of its campaign: a mint that names its referrer pays the referrer, with no
/// relayer, no signature and no trust beyond this code.
/// @dev The campaign's only attester is this contract, so its word is enough (it calls for itself). The referrer is what the
/// minter says: pay less for a mint than a mint costs, or people refer themselves. A hold of 0 credits the referrer at once.
contract ReferredMint is ERC721 {
    IPartnerPrograms public immutable programs;
    uint256 public immutable price;
    address public immutable brand;

    bytes32 public campaignId;
    uint16 public offerId;
    uint256 public minted;

    error NotBrand(address caller, address brand);
    error CampaignSetAlready(bytes32 campaignId);
    error WrongPrice(uint256 expected, uint256 sent);

    constructor(IPartnerPrograms programs_, uint256 price_) ERC721("Referred Mint", "RMINT") {
        programs = programs_;
        price = price_;
        brand = msg.sender;
    }

    /// @notice Names the campaign that pays for mints, once: its attester set has to be this contract, so it is created later.
    function setCampaign(bytes32 campaignId_, uint16 offerId_) external {
        require(msg.sender == brand, NotBrand(msg.sender, brand));
        require(campaignId == bytes32(0), CampaignSetAlready(campaignId));
        campaignId = campaignId_;
        offerId = offerId_;
    }

    /// @notice Mints a token to the caller and attests one conversion of `referrer`, if there is one.
    /// @dev A campaign that does not pay (closed, suspended, out of budget) does not stop the sale.
    function mint(address referrer) external payable returns (uint256 tokenId) {
        require(msg.value == price, WrongPrice(price, msg.value));
        tokenId = ++minted;
        _mint(msg.sender, tokenId);
        if (referrer != address(0) && referrer != msg.sender) _attest(referrer, tokenId);
    }

    function withdraw() external {
        require(msg.sender == brand, NotBrand(msg.sender, brand));
        Address.sendValue(payable(brand), address(this).balance);
    }

    function _attest(address referrer, uint256 tokenId) private {
        uint64 number;
        try programs.campaign(campaignId) returns (IPartnerPrograms.CampaignState memory state) {
            number = state.nextConversion;
        } catch {
            return;
        }
        IPartnerPrograms.Attestation memory attestation;
        attestation.campaignId = campaignId;
        attestation.firstConversion = number;
        attestation.conversions = 1;
        attestation.periodFrom = uint40(block.timestamp - 1);
        attestation.periodTo = uint40(block.timestamp);
        attestation.deadline = uint40(block.timestamp);
        attestation.lines = new Line[](1);
        attestation.lines[0] = LineLib.pack(offerId, referrer, 1, 0);
        // The one leaf is the root (see ConversionTree): the token is the conversion's key, and there is nothing to salt.
        attestation.conversionsRoot = keccak256(abi.encode(number, bytes32(tokenId), bytes32(0), attestation.lines));
        try programs.attest(attestation, new IPartnerPrograms.Signature[](0)) {} catch {}
    }
}
