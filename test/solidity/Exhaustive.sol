// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { PartnerPrograms } from "../../contracts/PartnerPrograms.sol";
import { PartnerProgramsLens } from "../../contracts/PartnerProgramsLens.sol";
import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { DemoToken } from "../../contracts/mocks/DemoToken.sol";
import { vm } from "./Vm.sol";

/// @notice Takes every sequence of some actions up to a length on the compiled contract, and checks after each action. No dice: what
/// is found to hold holds for all of them.
/// @dev A branch is undone by reverting it; only the clock is not, which is set back by hand.
abstract contract Exhaustive {
    error Undone(uint256 checked);

    uint256 internal constant NOTICE = 7 days;

    PartnerPrograms internal programs;
    PartnerProgramsLens internal lens;
    DemoToken internal token;
    bytes32 internal campaignId;

    /// @dev Does action `action`, and says whether it changed anything; one that is refused ends its branch.
    function _act(uint256 action) internal virtual returns (bool);

    function _check() internal view virtual;

    /// @dev All sequences of up to `length` of `actions` actions.
    /// @return checked How many were checked.
    function _exploreAll(uint256 actions, uint256 length) internal returns (uint256 checked) {
        return _exploreFrom(0, actions, actions, length);
    }

    /// @dev Those that begin with an action from `first` on and before `end`: the runner keeps a trace of all that a test does, so
    /// many sequences are more than one test.
    function _exploreFrom(
        uint256 first,
        uint256 end,
        uint256 actions,
        uint256 length
    ) internal returns (uint256 checked) {
        uint256 time = block.timestamp;
        for (uint256 action = first; action < end; ++action) {
            vm.warp(time);
            (, bytes memory result) = address(this).call(abi.encodeCall(this.branch, (action, actions, length)));
            if (bytes4(result) != Undone.selector) {
                assembly ("memory-safe") {
                    revert(add(result, 32), mload(result))
                }
            }
            assembly ("memory-safe") {
                checked := add(checked, mload(add(result, 36)))
            }
        }
        vm.warp(time);
    }

    function branch(uint256 action, uint256 actions, uint256 length) external {
        if (!_act(action)) revert Undone(0);
        _check();
        revert Undone(1 + (length > 1 ? _exploreAll(actions, length - 1) : 0));
    }

    /// @dev A campaign of this contract, which is its one attester too, so that nothing has to be signed.
    function _setUp(uint32 holdSeconds, uint16 feeBps) internal {
        vm.warp(1_790_000_000);
        programs = new PartnerPrograms();
        lens = new PartnerProgramsLens(programs);
        token = new DemoToken("Demo Dollar", "DUSD", 6);
        IPartnerPrograms.NewCampaign memory given;
        address operator = feeBps == 0 ? address(0) : address(0x0fe7a704);
        given.terms = IPartnerPrograms.Terms(
            address(token),
            holdSeconds,
            uint32(NOTICE),
            feeBps,
            0,
            false,
            operator,
            1
        );
        given.offers = new IPartnerPrograms.Offer[](1);
        given.offers[0] = IPartnerPrograms.Offer(1, 0, 0, 0, 0, 0, "sale", 0, address(0));
        given.attesters = new address[](1);
        given.attesters[0] = address(this);
        given.threshold = 1;
        given.dailyLimit = type(uint128).max;
        campaignId = programs.createCampaign(given);
        // More than fits a budget.
        token.mint(address(this), type(uint160).max);
        token.approve(address(programs), type(uint256).max);
    }
}
