// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { IPartnerProgramsLens } from "../../contracts/interfaces/IPartnerProgramsLens.sol";
import { ProgramsState } from "../../contracts/libraries/ProgramsState.sol";
import { Exhaustive } from "./Exhaustive.sol";
import { vm } from "./Vm.sol";

/// @notice No sequence of a brand's calls brings a time forward: all of them, up to a length, with time passing in between. What
/// was announced has a clock of its own here, which stands still while the campaign is suspended.
contract TimesTest is Exhaustive {
    address private constant PARTNER = address(0xa11ce);
    address private constant OTHER = address(0xb0b);
    uint256 private constant NEVER = type(uint128).max;

    address private brand = address(this);
    /// @dev Whether terms change, too.
    bool private announcing;
    /// @dev Seconds that the campaign was not suspended, and until when it is.
    uint256 private ran;
    uint256 private suspendedUntil;
    /// @dev What `ran` was when the withdrawal and the end were announced. `NEVER`: not.
    uint256 private withdrawalFrom = NEVER;
    uint256 private closingFrom = NEVER;
    /// @dev The latest guarantee that was given while a withdrawal or the end could still heed it.
    uint256 private lockedUntil;
    /// @dev From when on what was announced may be in force, and whether it was.
    uint256 private retiredAt = NEVER;
    uint256 private limitAt = NEVER;
    uint256 private attestersAt = NEVER;
    uint256 private transferAt = NEVER;
    uint256 private kindsAt = NEVER;

    function setUp() external {
        _setUp(1 days, 0);
        programs.fund(campaignId, 1_000);
    }

    /// @dev Those that defer, and let money out.
    function test_everySequenceThatConcernsMoney() external {
        vm.assertGe(_exploreAll(9, 4), 1_000, "sequences");
    }

    /// @dev Those and all that change terms.
    function test_everySequenceThatBeginsWithTimeOrASuspension() external {
        _exploreTerms(0, 4);
    }

    function test_everySequenceThatBeginsWithMoney() external {
        _exploreTerms(4, 9);
    }

    function test_everySequenceThatBeginsWithTerms() external {
        _exploreTerms(9, 15);
    }

    function _exploreTerms(uint256 first, uint256 end) private {
        announcing = true;
        vm.assertGe(_exploreFrom(first, end, 15, 3), 100, "sequences");
    }

    function _act(uint256 action) internal override returns (bool) {
        uint256 now_ = block.timestamp;
        if (action < 2) return _pass(action == 0 ? NOTICE / 2 : NOTICE);
        if (action == 2) {
            if (!_call(abi.encodeCall(programs.suspend, (campaignId)))) return false;
            suspendedUntil = now_ + NOTICE;
        } else if (action == 3) {
            if (!_call(abi.encodeCall(programs.resume, (campaignId)))) return false;
            suspendedUntil = now_;
        } else if (action == 4) {
            if (!_call(abi.encodeCall(programs.closeCampaign, (campaignId)))) return false;
            closingFrom = ran;
        } else if (action == 5) {
            if (!_call(abi.encodeCall(programs.announceWithdrawal, (campaignId, 10)))) return false;
            withdrawalFrom = ran;
        } else if (action == 6) {
            if (!_call(abi.encodeCall(programs.cancelWithdrawal, (campaignId)))) return false;
            withdrawalFrom = NEVER;
        } else if (action == 7) return _withdraw();
        else if (action == 8) return _guarantee();
        else return _announce(action);
        return true;
    }

    function _announce(uint256 action) private returns (bool) {
        uint256 effectiveAt = block.timestamp + NOTICE;
        if (action == 9) {
            if (!_call(abi.encodeCall(programs.retireOffer, (campaignId, 1)))) return false;
            if (retiredAt == NEVER) retiredAt = effectiveAt;
        } else if (action == 10) {
            if (!_call(abi.encodeCall(programs.announceDailyLimit, (campaignId, 5)))) return false;
            // If it is in force, announcing the same again changes nothing.
            if (block.timestamp < limitAt) limitAt = effectiveAt;
        } else if (action == 11) {
            address[] memory members = new address[](1);
            members[0] = OTHER;
            if (!_call(abi.encodeCall(programs.announceAttesters, (campaignId, 1, members)))) return false;
            if (block.timestamp < attestersAt) attestersAt = effectiveAt;
        } else if (action == 12) {
            if (!_call(abi.encodeCall(programs.transferCampaign, (campaignId, OTHER)))) return false;
            transferAt = effectiveAt;
        } else if (action == 13) {
            address[] memory partners = new address[](1);
            partners[0] = PARTNER;
            if (!_call(abi.encodeCall(programs.setKinds, (campaignId, partners, 0)))) return false;
            if (kindsAt == NEVER) kindsAt = effectiveAt;
        } else return _accept();
        return true;
    }

    function _check() internal view override {
        ProgramsState.CampaignState memory s = lens.campaign(campaignId);
        if (withdrawalFrom != NEVER) {
            vm.assertGe(s.withdrawableAt, _notBefore(withdrawalFrom, NOTICE), "a withdrawal has its notice");
            bool pending = block.timestamp < uint256(s.withdrawableAt) + 7 days;
            if (pending) vm.assertGe(s.withdrawableAt, lockedUntil, "and waits for guarantees");
        }
        if (closingFrom != NEVER) {
            vm.assertGe(s.closesAt, _notBefore(closingFrom, NOTICE), "an end has its notice");
            vm.assertGe(s.finalAt, _notBefore(closingFrom, 2 * NOTICE), "and what is late one more");
            vm.assertGe(s.closesAt, lockedUntil, "and waits for guarantees");
            vm.assertGe(s.finalAt, uint256(s.closesAt) + NOTICE, "the end, and a notice");
        }
        if (announcing) _checkTerms(s.brand);
    }

    function _checkTerms(address current) private view {
        IPartnerProgramsLens.Overview memory o = lens.overview(campaignId);
        vm.assertGe(o.offers[0].validTo, retiredAt == NEVER ? type(uint40).max : retiredAt, "an offer has its notice");
        vm.assertTrue((o.dailyLimit == 5) == (block.timestamp >= limitAt), "a limit has its notice");
        vm.assertTrue((o.attesters[0] == OTHER) == (block.timestamp >= attestersAt), "attesters have their notice");
        vm.assertTrue(current == brand, "a brand has its notice");
        uint64 kinds = lens.kindsOf(campaignId, PARTNER, block.timestamp);
        // A period that ends with the notice is still paid.
        vm.assertTrue((kinds == 0) == (block.timestamp > kindsAt), "kinds have their notice");
    }

    function _pass(uint256 time) private returns (bool) {
        uint256 until = block.timestamp + time;
        uint256 from = suspendedUntil > block.timestamp ? suspendedUntil : block.timestamp;
        if (until > from) ran += until - from;
        vm.warp(until);
        return true;
    }

    function _withdraw() private returns (bool) {
        if (!_call(abi.encodeCall(programs.withdraw, (campaignId, OTHER)))) return false;
        bool announced = withdrawalFrom != NEVER && _left(withdrawalFrom, NOTICE) == 0;
        bool ended = closingFrom != NEVER && _left(closingFrom, 2 * NOTICE) == 0;
        vm.assertTrue(announced || ended, "money leaves after a notice alone");
        vm.assertGe(block.timestamp, lockedUntil, "and after guarantees");
        withdrawalFrom = NEVER;
        return true;
    }

    /// @dev An offer that follows the one before, guaranteed for a notice and a half.
    function _guarantee() private returns (bool) {
        uint40 until = uint40(block.timestamp + NOTICE + NOTICE / 2);
        bytes24 name = bytes24(bytes.concat("sale.", bytes1(uint8(65 + lens.campaign(campaignId).offerCount))));
        IPartnerPrograms.Offer memory offer = IPartnerPrograms.Offer(1, 0, 0, 0, 0, 0, name, until, address(0));
        if (!_call(abi.encodeCall(programs.appendOffer, (campaignId, offer)))) return false;
        lockedUntil = until;
        return true;
    }

    function _accept() private returns (bool) {
        vm.prank(OTHER);
        (bool success, ) = address(programs).call(abi.encodeCall(programs.acceptCampaign, (campaignId)));
        if (!success) return false;
        vm.assertTrue(block.timestamp >= transferAt, "a hand-over has its notice");
        (brand, transferAt) = (OTHER, NEVER);
        return true;
    }

    function _call(bytes memory data) private returns (bool success) {
        vm.prank(brand);
        (success, ) = address(programs).call(data);
    }

    /// @dev The earliest time of what was announced when `ran` was `from`, if its notice is not over yet.
    function _notBefore(uint256 from, uint256 notice) private view returns (uint256) {
        uint256 left = _left(from, notice);
        return left == 0 ? 0 : block.timestamp + left;
    }

    function _left(uint256 from, uint256 notice) private view returns (uint256) {
        return ran - from < notice ? notice - (ran - from) : 0;
    }
}
