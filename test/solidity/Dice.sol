// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../../contracts/interfaces/IPartnerPrograms.sol";
import { vm } from "./Vm.sol";

/// @notice What is rolled from a seed, and accounts that sign.
abstract contract Dice {
    mapping(address account => uint256) internal _keys;

    function _roll(uint256 seed, string memory about, uint256 sides) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, about))) % sides;
    }

    /// @dev Once in so many.
    function _seldom(uint256 seed, string memory about, uint256 sides) internal pure returns (bool) {
        return _roll(seed, about, sides) == 0;
    }

    /// @dev Another seed.
    function _nth(uint256 seed, uint256 n) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, n)));
    }

    function _some(address[] storage list, uint256 seed) internal view returns (address) {
        return list[_roll(seed, "one of", list.length)];
    }

    function _later(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a : b;
    }

    function _earlier(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function _accounts(string memory role, uint256 count) internal returns (address[] memory list) {
        list = new address[](count);
        for (uint256 i; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode(role, i)));
            list[i] = vm.addr(key);
            _keys[list[i]] = key;
        }
    }

    function _sort(address[] storage list) internal {
        for (uint256 i = 1; i < list.length; ++i) {
            for (uint256 k = i; k != 0 && list[k] < list[k - 1]; --k) {
                (list[k], list[k - 1]) = (list[k - 1], list[k]);
            }
        }
    }

    /// @dev By as many as must, and now and then by all; any of them.
    function _sign(
        uint256 seed,
        address[] memory members,
        uint256 threshold,
        bytes32 digest
    ) internal view returns (IPartnerPrograms.Signature[] memory signatures) {
        uint256 count = _seldom(seed, "all", 4) ? members.length : threshold;
        uint256 left = members.length - count;
        signatures = new IPartnerPrograms.Signature[](count);
        uint256 member;
        for (uint256 i; i < count; ++i) {
            uint256 passed = _roll(_nth(seed, i), "passed over", left + 1);
            left -= passed;
            member += passed;
            signatures[i] = IPartnerPrograms.Signature(uint8(member), _signature(members[member], digest));
            ++member;
        }
    }

    function _signature(address signer, bytes32 digest) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[signer], digest);
        return abi.encodePacked(r, s, v);
    }
}
