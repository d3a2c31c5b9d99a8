// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @title Witness
/// @notice Accepts coins, and keeps what a view of the test's choice returned at that moment.
contract Witness {
    address private immutable _target;
    bytes private _data;
    bytes public seen;

    constructor(address target, bytes memory data) {
        _target = target;
        _data = data;
    }

    receive() external payable {
        seen = Address.functionStaticCall(_target, _data);
    }
}
