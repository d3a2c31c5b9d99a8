// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Payout
/// @notice Where an owner is paid. The second slot is read only while a change is announced.
struct Payout {
    /// Zero: the owner itself.
    address receiver;
    uint32 lockSeconds;
    /// From this time on the next are in force. 0: nothing is announced.
    uint40 nextAt;
    bool optedOut;
    address nextReceiver;
    uint32 nextLockSeconds;
}

using PayoutLib for Payout global;

library PayoutLib {
    /// @notice What is in force now.
    function settled(
        Payout storage payout
    ) internal view returns (address receiver, uint32 lockSeconds, bool optedOut) {
        (receiver, lockSeconds, optedOut) = (payout.receiver, payout.lockSeconds, payout.optedOut);
        uint256 nextAt = payout.nextAt;
        if (nextAt != 0 && block.timestamp >= nextAt) {
            (receiver, lockSeconds) = (payout.nextReceiver, payout.nextLockSeconds);
        }
    }

    /// @notice Sets receiver and lock: at once, or after the lock that is in force.
    function set(Payout storage payout, address receiver, uint32 lockSeconds) internal returns (uint256 effectiveAt) {
        (address current, uint32 lock, ) = payout.settled();
        effectiveAt = block.timestamp + lock;
        if (lock == 0) (current, lock) = (receiver, lockSeconds);
        else (payout.nextReceiver, payout.nextLockSeconds) = (receiver, lockSeconds);
        payout.receiver = current;
        payout.lockSeconds = lock;
        payout.nextAt = effectiveAt == block.timestamp ? 0 : uint40(effectiveAt);
    }
}
