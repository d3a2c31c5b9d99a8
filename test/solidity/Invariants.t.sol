// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { console } from "hardhat/console.sol";

import { PartnerPrograms } from "../../contracts/PartnerPrograms.sol";
import { PartnerProgramsLens } from "../../contracts/PartnerProgramsLens.sol";
import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { ProgramsState } from "../../contracts/libraries/ProgramsState.sol";
import { IPartnerProgramsLens } from "../../contracts/interfaces/IPartnerProgramsLens.sol";
import { Books } from "./Books.sol";
import { Handler } from "./Handler.sol";
import { vm } from "./Vm.sol";

/// @notice What holds at all times, after every step of every random walk. A step that did not end as {Handler} foretold is a
/// failure too: that a partner is paid, that a stranger is refused, that a credit falls only by paying its owner.
contract InvariantsTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant LONG_WALK = 600;

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
        _step("announceDailyLimit", Handler.announceDailyLimit.selector, 1);
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
        _step("setPayout", Handler.setPayout.selector, 1);
        _step("setPayoutFor", Handler.setPayoutFor.selector, 1);
        _step("revokeOrders", Handler.revokeOrders.selector, 1);
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

    // Each of the following is a sentence that stands above `contract PartnerPrograms`.

    /// @dev Nobody donates here, so there is nothing besides: not a unit is stuck, not a unit is missing.
    function invariant_ofEveryTokenThereIsWhatIsAvailableReservedAndCredited() public view {
        address[] memory tokens = handler.tokens();
        for (uint256 i; i < tokens.length; ++i) {
            uint256 balance = handler.balanceOf(tokens[i], address(programs));
            vm.assertEq(balance, _inCampaigns(tokens[i]) + _inCredits(tokens[i]), "balance");
        }
    }

    function invariant_aCreditFallsOnlyByPayingItsOwnerOrWhomItsOwnerNames() public view {
        address[] memory tokens = handler.tokens();
        address[] memory owners = handler.owners();
        for (uint256 i; i < tokens.length; ++i) {
            for (uint256 k; k < owners.length; ++k) {
                uint256 credit = lens.creditOf(owners[k], tokens[i]);
                vm.assertEq(credit, handler.credits(owners[k], tokens[i]), "credit");
            }
            vm.assertEq(lens.creditOf(address(0), tokens[i]), 0, "nobody has nothing");
        }
    }

    function invariant_everyConversionNumberIsAttestedOnceAndNoneIsLeftOut() public view {
        (, bytes32 id) = handler.touched();
        _checkNumber(id);
    }

    function invariant_noBatchSettlesForMoreThanItsTotalNorACampaignForMoreThanItWasFundedWith() public view {
        (uint256 batch, bytes32 id) = handler.touched();
        _checkFunds(id);
        if (handler.batchCount() != 0) _checkTotal(handler.batchAt(batch));
    }

    function invariant_nothingAfterTheHoldLowersACreditDelaysAReleaseOrMakesALineUnpayable() public view {
        (uint256 batch, ) = handler.touched();
        if (handler.batchCount() != 0) _checkBatch(handler.batchAt(batch));
    }

    function invariant_noBrandsCallsMoveMoneyOutBeforeANoticeButByAttestationWithinTheDailyLimit() public view {
        (, bytes32 id) = handler.touched();
        _checkNotices(id);
    }

    /// @dev At the end of every walk: whatever brands, attesters and strangers did, every line left can be settled, every
    /// credit claimed, and what remains is the brands' own, and of the lines that nobody knows.
    function afterInvariant() public {
        handler.finish();
        _checkAll();
        bytes32[] memory ids = handler.campaigns();
        for (uint256 i; i < ids.length; ++i) {
            vm.assertEq(lens.campaign(ids[i]).reserved, handler.unknownOf(ids[i]), "nothing else is reserved any more");
        }
        address[] memory tokens = handler.tokens();
        for (uint256 i; i < tokens.length; ++i) {
            vm.assertEq(_inCredits(tokens[i]), 0, "nothing is owed any more");
        }
    }

    /// @dev An idle handler proves nothing: over a long walk each of its functions must succeed, and the counts are shown.
    function test_aLongWalkReachesEveryFunctionAndEveryFault() external {
        uint256 seed;
        for (uint256 i; i < LONG_WALK; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            (bool success, bytes memory reason) = address(handler).call(
                abi.encodeWithSelector(steps[seed % steps.length], seed)
            );
            if (!success) _revert(reason);
            if (i % 300 == 0) _checkAll();
        }
        afterInvariant();

        names.push("pull out of several batches");
        console.log("      succeeded / failed as foretold, of %d steps:", LONG_WALK);
        for (uint256 i; i < names.length; ++i) {
            console.log("      %s %d / %d", names[i], handler.successes(names[i]), handler.failures(names[i]));
        }
        for (uint256 i; i < names.length; ++i) {
            vm.assertTrue(handler.successes(names[i]) != 0, string.concat(names[i], " never succeeded"));
        }
        vm.assertTrue(handler.failures("attestAgain") != 0, "no batch was ever tried twice");
        for (uint256 i; i <= uint256(type(IPartnerPrograms.Fault).max); ++i) {
            uint256 met = handler.faultsMet(IPartnerPrograms.Fault(i));
            console.log("      lines settled with fault %d: %d", i, met);
            vm.assertTrue(met != 0, "no line with this fault was ever settled");
        }
        console.log("      lines settled of large batches: %d", handler.linesOfLargeBatches());
        vm.assertTrue(handler.linesOfLargeBatches() != 0, "no line of a large batch was ever settled");
    }

    function _step(string memory name, bytes4 selector, uint256 weight) private {
        names.push(name);
        for (uint256 i; i < weight; ++i) {
            steps.push(selector);
        }
    }

    function _checkAll() private view {
        invariant_ofEveryTokenThereIsWhatIsAvailableReservedAndCredited();
        invariant_aCreditFallsOnlyByPayingItsOwnerOrWhomItsOwnerNames();
        bytes32[] memory ids = handler.campaigns();
        for (uint256 i; i < ids.length; ++i) {
            _checkNumber(ids[i]);
            _checkFunds(ids[i]);
            _checkNotices(ids[i]);
        }
        for (uint256 i; i < handler.batchCount(); ++i) {
            _checkTotal(handler.batchAt(i));
            _checkBatch(handler.batchAt(i));
        }
    }

    function _checkNumber(bytes32 id) private view {
        vm.assertEq(lens.campaign(id).nextConversion, 1 + handler.bookOf(id).conversions, "next number");
    }

    function _checkFunds(bytes32 id) private view {
        Books.Book memory b = handler.bookOf(id);
        (uint256 available, uint256 reserved) = _budgetOf(id);
        vm.assertLe(b.released + b.fees, b.funded, "settled");
        vm.assertEq(reserved, b.reserved, "what is attested and not settled");
        uint256 gone = b.withdrawn + b.released + b.fees;
        vm.assertEq(available + reserved + gone, b.funded, "what becomes of what is funded");
    }

    function _checkTotal(Books.Batch memory b) private pure {
        vm.assertLe(b.spent, b.a.total, "settled and reversed, never more than the total");
    }

    /// @dev Its release time does not move, its marks are those of the lines that were settled, and a line that held still does.
    function _checkBatch(Books.Batch memory b) private view {
        ProgramsState.BatchState memory s = lens.batch(b.digest);
        vm.assertEq(s.releaseAt, b.releaseAt, "release time");
        vm.assertEq(s.attesterSet, b.attesterSet, "attester set");
        uint256 marks;
        for (uint256 k; k < b.settled.length; ++k) {
            if (b.settled[k]) marks |= 1 << ((b.first + k) % 256);
        }
        vm.assertEq(lens.settledLines(b.digest, b.first / 256), marks, "settled lines");
        (, IPartnerProgramsLens.LineFault[] memory faults) = lens.rehearse(b.a, b.first, b.lines);
        uint256 next;
        for (uint256 k; k < b.lines.length; ++k) {
            if (b.faults[k] == IPartnerPrograms.Fault.None) continue;
            vm.assertTrue(
                next < faults.length && faults[next].index == b.first + k && faults[next].fault == b.faults[k],
                "a line that did not hold does not, for the same reason"
            );
            ++next;
        }
        vm.assertEq(faults.length, next, "a line that held still does");
    }

    function _checkNotices(bytes32 id) private view {
        Books.Book memory b = handler.bookOf(id);
        ProgramsState.CampaignState memory s = lens.campaign(id);
        (uint256 withdrawal, uint256 closing) = handler.noticesOf(id);
        vm.assertTrue((s.withdrawableAt != 0) == (b.withdrawalAnnounced != 0), "a withdrawal is announced, or not");
        vm.assertEq(s.withdrawalAmount, b.withdrawal, "of what was there all the time");
        vm.assertEq(s.withdrawableAt, b.withdrawableAt, "when it can be withdrawn");
        vm.assertEq(s.closesAt, b.closesAt, "when it ends");
        vm.assertEq(s.finalAt, b.finalAt, "when it is final");
        if (withdrawal != 0) vm.assertGe(s.withdrawableAt, block.timestamp + withdrawal, "its notice runs out first");
        vm.assertTrue((s.closesAt != 0) == (b.closingAnnounced != 0), "its end is announced, or not");
        if (closing != 0) vm.assertGe(s.closesAt, block.timestamp + closing, "the notice of the end runs out first");
        if (s.closesAt != 0) {
            vm.assertGe(s.closesAt, b.lockedUntil, "no end before a guarantee");
            vm.assertGe(s.finalAt, uint256(s.closesAt) + b.terms.noticeSeconds, "what is late has a notice more");
        }
        vm.assertEq(s.brand, b.brand, "a hand-over after its notice alone");
        IPartnerProgramsLens.Overview memory o = lens.overview(id);
        vm.assertEq(o.attesterSet, _setOf(b), "attesters after their notice alone");
        (uint256 attested, uint256 limit) = handler.attestedToday(id);
        vm.assertEq(o.dailyLimit, limit, "a limit after its notice alone");
        // What was attested before a lower limit came into force stays.
        uint256 remaining = limit > attested ? limit - attested : 0;
        if (limit != type(uint128).max) vm.assertEq(o.remainingToday, remaining, "today");
    }

    function _setOf(Books.Book memory b) private view returns (uint256) {
        return b.nextSetAt != 0 && block.timestamp >= b.nextSetAt ? b.set + 1 : b.set;
    }

    function _inCampaigns(address token) private view returns (uint256 sum) {
        bytes32[] memory ids = handler.campaigns();
        for (uint256 i; i < ids.length; ++i) {
            if (handler.bookOf(ids[i]).terms.token != token) continue;
            (uint256 available, uint256 reserved) = _budgetOf(ids[i]);
            sum += available + reserved;
        }
    }

    /// @dev Its third slot alone: a walk looks at it after every step.
    function _budgetOf(bytes32 id) private view returns (uint256 available, uint256 reserved) {
        uint256 word = uint256(programs.extsload(bytes32(uint256(keccak256(abi.encode(id, 2))) + 2)));
        return (uint128(word), word >> 128);
    }

    function _inCredits(address token) private view returns (uint256 sum) {
        address[] memory owners = handler.owners();
        for (uint256 i; i < owners.length; ++i) {
            sum += lens.creditOf(owners[i], token);
        }
    }

    function _revert(bytes memory reason) private pure {
        assembly ("memory-safe") {
            revert(add(reason, 32), mload(reason))
        }
    }
}
