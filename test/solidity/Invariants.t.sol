// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { console } from "hardhat/console.sol";

import { PartnerPrograms } from "../../contracts/PartnerPrograms.sol";
import { PartnerProgramsLens } from "../../contracts/PartnerProgramsLens.sol";
import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { Handler } from "./Handler.sol";
import { vm } from "./Vm.sol";

/// @notice What holds at all times, after every step of every random walk. A step that did not end as {Handler} foretold is a
/// failure too: that a partner is paid, that a stranger is refused, that a credit falls only by paying its owner.
contract InvariantsTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant LONG_WALK = 1_000;

    IPartnerPrograms private programs;
    PartnerProgramsLens private lens;
    Handler private handler;
    /// @dev A selector in it twice is called twice as often.
    bytes4[] private steps;
    string[] private names;

    function setUp() external {
        vm.warp(1_790_000_000);
        programs = new PartnerPrograms();
        lens = new PartnerProgramsLens(programs);
        handler = new Handler(programs, lens);

        _step("createCampaign", Handler.createCampaign.selector, 1);
        _step("appendOffer", Handler.appendOffer.selector, 1);
        _step("retireOffer", Handler.retireOffer.selector, 1);
        _step("announceAttesters", Handler.announceAttesters.selector, 1);
        _step("setKinds", Handler.setKinds.selector, 1);
        _step("setDailyLimit", Handler.setDailyLimit.selector, 1);
        _step("announceDescription", Handler.announceDescription.selector, 1);
        _step("suspend", Handler.suspend.selector, 1);
        _step("resume", Handler.resume.selector, 1);
        _step("closeCampaign", Handler.closeCampaign.selector, 1);
        _step("transferCampaign", Handler.transferCampaign.selector, 1);
        _step("acceptCampaign", Handler.acceptCampaign.selector, 1);
        _step("fund", Handler.fund.selector, 1);
        _step("fundWithPermit", Handler.fundWithPermit.selector, 1);
        _step("announceWithdrawal", Handler.announceWithdrawal.selector, 1);
        _step("cancelWithdrawal", Handler.cancelWithdrawal.selector, 1);
        _step("withdraw", Handler.withdraw.selector, 2);
        _step("attest", Handler.attest.selector, 8);
        _step("reverse", Handler.reverse.selector, 3);
        _step("release", Handler.release.selector, 3);
        _step("pull", Handler.pull.selector, 3);
        _step("claim", Handler.claim.selector, 1);
        _step("claimFor", Handler.claimFor.selector, 1);
        _step("payOut", Handler.payOut.selector, 1);
        _step("setPayOutOptOut", Handler.setPayOutOptOut.selector, 1);
        _step("jump", Handler.jump.selector, 5);
        steps.push(Handler.attestAgain.selector); // it never succeeds
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(handler), steps);
    }

    /// @dev Nobody donates here, so there is nothing besides: not a unit is stuck, not a unit is missing.
    function invariant_theBalanceIsWhatIsAvailableReservedAndCredited() public view {
        address[] memory tokens = handler.tokens();
        for (uint256 i; i < tokens.length; ++i) {
            uint256 balance = handler.balanceOf(tokens[i], address(programs));
            vm.assertEq(balance, _inCampaigns(tokens[i]) + _inCredits(tokens[i]), "balance");
        }
    }

    function invariant_aCreditIsWhatWasReleasedLessWhatItsOwnerWasPaid() public view {
        address[] memory tokens = handler.tokens();
        address[] memory owners = handler.owners();
        for (uint256 i; i < tokens.length; ++i) {
            for (uint256 k; k < owners.length; ++k) {
                uint256 credit = programs.creditOf(owners[k], tokens[i]);
                vm.assertEq(credit, handler.credits(owners[k], tokens[i]), "credit");
            }
        }
    }

    function invariant_everyConversionNumberIsAttestedOnceAndNoneIsLeftOut() public view {
        bytes32[] memory ids = handler.campaigns();
        for (uint256 i; i < ids.length; ++i) {
            vm.assertEq(
                programs.campaign(ids[i]).nextConversion,
                1 + handler.bookOf(ids[i]).conversions,
                "next number"
            );
        }
    }

    function invariant_everyUnitFundedIsAvailableReservedReleasedAFeeOrWithdrawn() public view {
        bytes32[] memory ids = handler.campaigns();
        for (uint256 i; i < ids.length; ++i) {
            Handler.Book memory b = handler.bookOf(ids[i]);
            IPartnerPrograms.CampaignState memory s = programs.campaign(ids[i]);
            uint256 attested = b.attested - b.reversed;
            vm.assertLe(attested, b.funded, "attested, net of reversals and with fees");
            vm.assertEq(s.reserved + b.released + b.fees, attested, "what becomes of what is attested");
            vm.assertEq(s.available + attested + b.withdrawn, b.funded, "what becomes of what is funded");
        }
    }

    function invariant_aBatchKeepsItsReleaseTimeItsLinesAndItsMarks() public view {
        Handler.Batch[] memory batches = handler.batches();
        for (uint256 i; i < batches.length; ++i) {
            Handler.Batch memory expected = batches[i];
            IPartnerPrograms.BatchState memory b = programs.batch(expected.campaignId, expected.attestation);
            vm.assertEq(b.releaseAt, expected.releaseAt, "release time");
            vm.assertEq(b.attesterSet, expected.attesterSet, "attester set");
            vm.assertEq(b.linesRoot, lens.linesRoot(expected.lines), "lines, lowered by reversals alone");
            uint256 marks;
            for (uint256 k; k < expected.released.length; ++k) {
                if (expected.released[k]) marks |= 1 << k;
            }
            vm.assertEq(b.released[0], marks, "released lines");
            vm.assertEq(b.released[1], 0, "released lines");
        }
    }

    /// @dev At the end of every walk: whatever brands, attesters and strangers did, every line left can be released, every
    /// credit claimed, and what remains is the brands' own.
    function afterInvariant() public {
        handler.finish();
        _checkAll();
        bytes32[] memory ids = handler.campaigns();
        for (uint256 i; i < ids.length; ++i) {
            vm.assertEq(programs.campaign(ids[i]).reserved, 0, "nothing is reserved any more");
        }
        address[] memory tokens = handler.tokens();
        for (uint256 i; i < tokens.length; ++i) {
            vm.assertEq(_inCredits(tokens[i]), 0, "nothing is owed any more");
        }
    }

    /// @dev An idle handler proves nothing: over a long walk each of its functions must succeed, and the counts are shown.
    function test_aLongWalkReachesEveryFunction() external {
        uint256 seed;
        for (uint256 i; i < LONG_WALK; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            (bool success, bytes memory reason) = address(handler).call(
                abi.encodeWithSelector(steps[seed % steps.length], seed)
            );
            if (!success) _revert(reason);
            if (i % 100 == 0) _checkAll();
        }
        afterInvariant();

        console.log("      succeeded / failed as foretold, of %d steps:", LONG_WALK);
        for (uint256 i; i < names.length; ++i) {
            console.log("      %s %d / %d", names[i], handler.successes(names[i]), handler.failures(names[i]));
        }
        for (uint256 i; i < names.length; ++i) {
            vm.assertTrue(handler.successes(names[i]) != 0, string.concat(names[i], " never succeeded"));
        }
        vm.assertTrue(handler.failures("attestAgain") != 0, "no batch was ever tried twice");
    }

    function _step(string memory name, bytes4 selector, uint256 weight) private {
        names.push(name);
        for (uint256 i; i < weight; ++i) {
            steps.push(selector);
        }
    }

    function _checkAll() private view {
        invariant_theBalanceIsWhatIsAvailableReservedAndCredited();
        invariant_aCreditIsWhatWasReleasedLessWhatItsOwnerWasPaid();
        invariant_everyConversionNumberIsAttestedOnceAndNoneIsLeftOut();
        invariant_everyUnitFundedIsAvailableReservedReleasedAFeeOrWithdrawn();
        invariant_aBatchKeepsItsReleaseTimeItsLinesAndItsMarks();
    }

    function _inCampaigns(address token) private view returns (uint256 sum) {
        bytes32[] memory ids = handler.campaigns();
        for (uint256 i; i < ids.length; ++i) {
            if (programs.termsOf(ids[i]).token != token) continue;
            IPartnerPrograms.CampaignState memory s = programs.campaign(ids[i]);
            sum += uint256(s.available) + s.reserved;
        }
    }

    function _inCredits(address token) private view returns (uint256 sum) {
        address[] memory owners = handler.owners();
        for (uint256 i; i < owners.length; ++i) {
            sum += programs.creditOf(owners[i], token);
        }
    }

    function _revert(bytes memory reason) private pure {
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}
