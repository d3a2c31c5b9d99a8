// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ReportsConversions } from "../base/ReportsConversions.sol";
import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";

/// @title ReportingShop
/// @notice Reports whatever it is told, and remembers whether that was taken.
contract ReportingShop is ReportsConversions {
    bool public reported;

    constructor(IPartnerPrograms programs_) ReportsConversions(programs_) {}

    function setCampaign(bytes32 campaignId_) external {
        _setCampaign(campaignId_);
    }

    function sell(uint16 offerId, address partner, uint256 volume, bytes32 key) external {
        reported = _tryReportConversion(offerId, partner, volume, key);
    }
}
