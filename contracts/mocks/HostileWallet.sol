// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title HostileWallet
/// @notice A contract account whose answer to `isValidSignature` the test chooses, and changes. For tests.
contract HostileWallet {
    enum Act {
        Answer, // `data`, cut or filled up to `size` bytes
        Fail, // with the same
        Burn, // all gas
        Call, // `target` with `data`: valid if that succeeds, else its error
        CallAndSayYes // whatever comes of it
    }

    Act private _act;
    uint256 private _size;
    address private _target;
    bytes private _data;

    receive() external payable {}

    function behave(Act act, uint256 size, address target, bytes calldata data) external {
        (_act, _size, _target, _data) = (act, size, target, data);
    }

    /// @dev Not a view, so that it can try what a static call forbids.
    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        (Act act, uint256 size, bytes memory data) = (_act, _size, _data);
        if (act == Act.Call || act == Act.CallAndSayYes) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, bytes memory answer) = _target.call(data);
            if (success || act == Act.CallAndSayYes) return this.isValidSignature.selector;
            (act, size, data) = (Act.Fail, answer.length, answer);
        }
        // solhint-disable-next-line no-inline-assembly
        assembly {
            switch act
            case 0 {
                return(add(data, 0x20), size)
            }
            case 1 {
                revert(add(data, 0x20), size)
            }
            default {
                invalid()
            }
        }
    }
}
