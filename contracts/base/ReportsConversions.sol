// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";
import { Commission } from "../libraries/Commission.sol";
import { ProgramsState } from "../libraries/ProgramsState.sol";
import { Rules } from "../libraries/Rules.sol";
import { Line, LineLib } from "../types/Line.sol";

/// @title ReportsConversions
/// @notice Base of a brand's own contract that reports what happens in it as conversions, with no relayer, no signature and no
/// trust beyond its code: the campaign's only attester is this contract, so its word is enough.
/// @dev To use it: deploy the contract; create the campaign with it as the set's one member; name the campaign by {_setCampaign};
/// call {_tryReportConversion} where a conversion happens. With a hold of 0 the partner is credited at once. Whoever makes this
/// contract report decides who is paid: name a partner only where that costs the caller more than it pays, and each key once.
abstract contract ReportsConversions {
    using ProgramsState for IPartnerPrograms;

    IPartnerPrograms public immutable programs;

    bytes32 public campaignId;

    /// @notice The campaign did not take a conversion: closed, suspended, out of budget, or not open to this partner.
    event ConversionNotReported(bytes32 indexed key, address indexed partner, bytes reason);

    error CampaignSetAlready(bytes32 campaignId);
    error NotSelf(address caller);
    error TooLittleGas();
    error PartnerNotPayable(address partner, uint256 offerId);
    error OfferNotInForce(uint256 offerId);

    constructor(IPartnerPrograms programs_) {
        programs = programs_;
    }

    /// @notice {_reportConversion}, for this contract alone: only what is called from outside can be tried.
    function reportConversion(uint16 offerId, address partner, uint256 volume, bytes32 key) external {
        require(msg.sender == address(this), NotSelf(msg.sender));
        _reportConversion(offerId, partner, volume, key);
    }

    /// @notice Names the campaign, once: its attester set has to be this contract, so it is created later.
    function _setCampaign(bytes32 campaignId_) internal {
        require(campaignId == bytes32(0), CampaignSetAlready(campaignId));
        campaignId = campaignId_;
    }

    /// @notice Reports a conversion, and goes on if the campaign does not take it: no sale fails for want of a commission.
    /// @return reported Whether it was taken.
    function _tryReportConversion(
        uint16 offerId,
        address partner,
        uint256 volume,
        bytes32 key
    ) internal returns (bool reported) {
        try this.reportConversion(offerId, partner, volume, key) {
            return true;
        } catch (bytes memory reason) {
            // Whoever calls could give so little gas that only this fails, and an estimate of gas would find just that.
            require(reason.length != 0, TooLittleGas());
            emit ConversionNotReported(key, partner, reason);
        }
    }

    /// @notice Attests one conversion of `partner` under an offer, as a batch of its own. Reverts as {IPartnerPrograms-attest} does.
    /// @param volume Base units of the campaign's token; what is above the offer's cap does not count.
    /// @param key What tells this conversion from all others, for whoever checks the campaign later.
    function _reportConversion(uint16 offerId, address partner, uint256 volume, bytes32 key) internal {
        uint64 number = programs.campaign(campaignId).nextConversion;
        IPartnerPrograms.Terms memory terms = programs.termsOf(campaignId);
        IPartnerPrograms.Offer memory offer = programs.offer(campaignId, offerId);
        // The campaign would take the conversion, and refuse its line; or reserve for it what no line is worth.
        bool covered = offer.validFrom < block.timestamp && block.timestamp <= offer.validTo;
        require(covered, OfferNotInForce(offerId));
        bool payable_ =
            offer.kind == Rules.FOR_ONE_PARTNER
                ? offer.partner == partner
                : Rules.includes(programs.kindsFor(campaignId, partner, block.timestamp), offer.kind);
        require(payable_, PartnerNotPayable(partner, offerId));
        Line line = LineLib.pack(offerId, partner, 1, _units(offer, terms, volume));
        Line[] memory lines = new Line[](1);
        lines[0] = line;
        (uint256 commission, uint256 fee) = Commission.ofLineDown(
            line,
            offer.flatAmount,
            offer.rateBps * 10 ** terms.unitExponent,
            terms.feeBps
        );
        programs.attest(
            IPartnerPrograms.Attestation({
                campaignId: campaignId,
                firstConversion: number,
                conversions: 1,
                periodFrom: uint40(block.timestamp - 1),
                periodTo: uint40(block.timestamp),
                deadline: uint40(block.timestamp),
                // The one leaf is the root (see ConversionTree). What happens on a chain is no secret, so there is nothing to salt.
                conversionsRoot: keccak256(abi.encode(number, key, bytes32(0), lines)),
                // And so is the one line (see LineTree).
                linesRoot: Line.unwrap(line),
                lineCount: 1,
                total: uint128(commission + fee)
            }),
            // Where the campaign takes them; else whoever reads this contract's reports has them.
            terms.linesOnChain || terms.holdSeconds == 0 ? lines : new Line[](0),
            new IPartnerPrograms.Signature[](0)
        );
    }

    /// @dev A second that the offer does not cover pays nothing: an offer that begins now pays from the next second on.
    function _units(
        IPartnerPrograms.Offer memory offer,
        IPartnerPrograms.Terms memory terms,
        uint256 volume
    ) private pure returns (uint56) {
        uint256 units = volume / 10 ** terms.unitExponent;
        return units < offer.capUnits ? uint56(units) : offer.capUnits;
    }
}
