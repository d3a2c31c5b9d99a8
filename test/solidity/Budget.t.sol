// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { ProgramsState } from "../../contracts/libraries/ProgramsState.sol";
import { Line, LineLib } from "../../contracts/types/Line.sol";
import { Exhaustive } from "./Exhaustive.sol";
import { vm } from "./Vm.sol";

/// @notice What is available and reserved share a slot that is written as a whole, without looking at what is in it: here every
/// sequence of what moves money, up to a length, with amounts at the ends of what fits. After each the slot holds just the two
/// numbers that checked arithmetic comes to.
contract BudgetTest is Exhaustive {
    uint256 private constant HOLD = 1 days;
    uint256 private constant MOST = type(uint128).max;
    address private constant PARTNER = address(0xa11ce);

    /// @dev The latest batch, of two lines: one that holds, and one of which it is a roll of these tests whether it does.
    IPartnerPrograms.Attestation private a;
    Line[2] private lines;
    /// @dev What nobody can settle, because nobody knows its lines.
    uint256 private rest;
    /// @dev By how much the total that is signed is less than what the tree sums up to.
    uint256 private missing;
    bool[2] private settled;
    uint256 private available;
    uint256 private reserved;
    uint256 private credited;
    uint256 private paid;

    function setUp() external {
        _setUp(uint32(HOLD), 0);
    }

    function test_everySequenceOfWhatMovesMoney() external {
        vm.assertGe(_exploreAll(10, 5), 1_000, "sequences");
    }

    /// @dev The root is right, and every line in it; but nobody is paid out of what was not taken from the budget.
    function test_nothingSettlesOfATotalThatIsNotTheSum() external {
        vm.assertTrue(_fund(100), "funded");
        missing = 1;
        vm.assertTrue(_attest(10, false), "attested: nobody hands over the lines");
        _pass();
        vm.assertTrue(!_calls(_releaseCall()), "no chunk");
        vm.assertTrue(!_calls(_pullCall(0)) && !_calls(_pullCall(1)), "no line");
    }

    function _act(uint256 action) internal override returns (bool) {
        if (action == 0) return _fund(7);
        if (action == 1) return _fund(MOST - available - reserved);
        if (action == 2) return _attest(4, false);
        if (action == 3) return _attest(available, false);
        if (action == 4) return _attest(available, true);
        if (action == 5) return _reverse();
        if (action == 6) return _release();
        if (action == 7) return _pull(0);
        if (action == 8) return _pull(1);
        return _withdraw();
    }

    function _check() internal view override {
        ProgramsState.CampaignState memory s = lens.campaign(campaignId);
        vm.assertEq(s.available, available, "available");
        vm.assertEq(s.reserved, reserved, "reserved");
        vm.assertEq(lens.creditOf(PARTNER, address(token)), credited, "credited");
        vm.assertEq(token.balanceOf(PARTNER), paid, "paid");
        vm.assertEq(token.balanceOf(address(programs)), available + reserved + credited, "balance");
    }

    function _fund(uint256 amount) private returns (bool) {
        (bool success, ) = address(programs).call(abi.encodeCall(programs.fund, (campaignId, amount + 1)));
        bool fits = available + reserved + amount + 1 <= MOST;
        vm.assertTrue(success == fits, "what fits");
        if (success) available += amount + 1;
        if (success || amount == 0) return success;
        (success, ) = address(programs).call(abi.encodeCall(programs.fund, (campaignId, amount)));
        if (success) available += amount;
        return success;
    }

    /// @dev Two lines, worth 1 and 2, and a subtree that is worth the rest.
    function _attest(uint256 total, bool lie) private returns (bool) {
        if (total < 3) return false;
        vm.warp(block.timestamp + 1);
        (lines[0], lines[1]) = (LineLib.pack(1, PARTNER, 1, 0), LineLib.pack(1, lie ? address(0) : PARTNER, 2, 0));
        (settled[0], settled[1]) = (false, false);
        rest = total - 3 + missing;
        uint64 number = lens.campaign(campaignId).nextConversion;
        uint40 now_ = uint40(block.timestamp);
        bytes32 root = keccak256(bytes.concat(_pair(), _sibling()));
        a = IPartnerPrograms.Attestation(campaignId, number, 2, now_ - 1, now_, now_, 0, root, 4, uint128(total));
        IPartnerPrograms.Attestation memory more = a;
        more.total = uint128(available + 1);
        if (available < MOST) vm.assertTrue(!_carries(more), "not more than there is");
        if (!_carries(a)) return false;
        (available, reserved) = (available - total, reserved + total);
        return true;
    }

    function _carries(IPartnerPrograms.Attestation memory attestation) private returns (bool success) {
        bytes memory data = abi.encodeCall(
            programs.attest,
            (attestation, new Line[](0), new IPartnerPrograms.Signature[](0))
        );
        (success, ) = address(programs).call(data);
    }

    /// @dev Lowers the second line by one.
    function _reverse() private returns (bool) {
        uint24 count = lines[1].count();
        if (a.total == 0 || count == 0) return false;
        Line target = LineLib.pack(1, lines[1].partner(), count - 1, 0);
        IPartnerPrograms.LineReversal[] memory lowered = new IPartnerPrograms.LineReversal[](1);
        lowered[0] = IPartnerPrograms.LineReversal(1, lines[1], target, bytes.concat(_leaf(0), _sibling()));
        (bool success, ) = address(programs).call(
            abi.encodeCall(programs.reverse, (a, lowered, 0, new IPartnerPrograms.Signature[](0)))
        );
        if (!success) return false;
        lines[1] = target;
        (available, reserved) = (available + 1, reserved - 1);
        return true;
    }

    function _release() private returns (bool) {
        if (a.total == 0) return false;
        _pass();
        vm.assertTrue(_calls(_releaseCall()), "what its hold is over of can be released");
        credited += _settle(0) + _settle(1);
        return true;
    }

    function _releaseCall() private view returns (bytes memory) {
        Line[] memory both = new Line[](2);
        (both[0], both[1]) = (lines[0], lines[1]);
        return abi.encodeCall(programs.release, (a, 0, _sibling(), both));
    }

    function _pull(uint256 index) private returns (bool success) {
        if (a.total == 0) return false;
        _pass();
        success = _calls(_pullCall(index));
        vm.assertTrue(success != settled[index], "once");
        if (success) paid += _settle(index);
    }

    function _pullCall(uint256 index) private view returns (bytes memory) {
        IPartnerPrograms.Attestation[] memory of_ = new IPartnerPrograms.Attestation[](1);
        IPartnerPrograms.LineProof[] memory proofs = new IPartnerPrograms.LineProof[](1);
        of_[0] = a;
        proofs[0] = IPartnerPrograms.LineProof(index, lines[index], bytes.concat(_leaf(1 - index), _sibling()));
        return abi.encodeCall(programs.pull, (of_, proofs));
    }

    function _calls(bytes memory data) private returns (bool success) {
        (success, ) = address(programs).call(data);
    }

    function _settle(uint256 index) private returns (uint256 worth) {
        if (settled[index]) return 0;
        settled[index] = true;
        worth = lines[index].count();
        reserved -= worth;
        if (lines[index].partner() != address(0)) return worth;
        available += worth;
        return 0;
    }

    function _withdraw() private returns (bool) {
        if (available == 0) return false;
        programs.announceWithdrawal(campaignId, uint128(available));
        vm.warp(block.timestamp + NOTICE);
        programs.withdraw(campaignId, address(this));
        available = 0;
        return true;
    }

    function _pass() private {
        uint256 releaseAt = a.periodTo + HOLD;
        if (block.timestamp < releaseAt) vm.warp(releaseAt);
    }

    function _leaf(uint256 index) private view returns (bytes memory) {
        return abi.encodePacked(Line.unwrap(lines[index]), uint128(lines[index].count()));
    }

    function _pair() private view returns (bytes memory) {
        bytes memory leaves = bytes.concat(_leaf(0), _leaf(1));
        return abi.encodePacked(keccak256(leaves), uint128(lines[0].count()) + lines[1].count());
    }

    function _sibling() private view returns (bytes memory) {
        return abi.encodePacked(keccak256("nobody knows"), uint128(rest));
    }
}
