// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IPartnerPrograms } from "../interfaces/IPartnerPrograms.sol";

/// @title Kinds
/// @notice The kinds of a listed partner over time, as checkpoints. One says what holds from its second on: a mask, and a time
/// from which it is another, so that kinds taken away with notice need no transaction when the notice is over.
/// @dev The last checkpoint has a slot of its own: for the periods of most batches it is the only one read. (OpenZeppelin's
/// `Checkpoints` read the length as well, and their assembly, which is not marked as memory-safe, costs the whole contract the
/// compiler's stack optimizer.)
library Kinds {
    /// @notice A checkpoint is one word: | since (40 bits) | until (40) | mask from `until` on (64) | mask before (64) |. 0: none.
    struct History {
        uint256 last;
        /// In order of time.
        uint256[] earlier;
    }

    /// @notice Kinds under which a partner is paid for a period that ended at `periodTo`: those of its last second.
    /// @dev Checkpoints are written at a block's time, and no period that is attested ends after it: this never changes.
    function payableFor(History storage history, uint256 periodTo, uint64 openKinds) internal view returns (uint64) {
        uint256 second = periodTo - 1;
        uint256 checkpoint = history.last;
        if (checkpoint == 0) return openKinds;
        if (since(checkpoint) > second) {
            // The last of the earlier ones that is not after it.
            uint256 low;
            uint256 high = history.earlier.length;
            while (low < high) {
                uint256 middle = (low + high) / 2;
                if (since(history.earlier[middle]) > second) high = middle;
                else low = middle + 1;
            }
            if (low == 0) return openKinds;
            checkpoint = history.earlier[low - 1];
        }
        return maskAt(checkpoint, second);
    }

    /// @notice Sets the kinds of a partner: added at once, taken away from `effectiveAt` on.
    /// @return before The mask that holds until `until`, after which it is `mask`.
    function set(
        History storage history,
        address partner,
        uint64 mask,
        uint64 openKinds,
        uint40 effectiveAt
    ) internal returns (uint64 before, uint40 until) {
        uint256 last = history.last;
        before = last == 0 ? openKinds : maskAt(last, block.timestamp);
        until = uint40(last >> 128);
        bool pending = block.timestamp < until;
        uint64 remaining = pending ? uint64(last >> 64) : before;
        if (remaining & ~mask != 0) {
            // What is being taken away is not given a second end.
            require(!pending, IPartnerPrograms.KindsChangePending(partner, until));
            until = effectiveAt;
        }
        before |= mask;
        // Two in one second are one.
        if (last != 0 && since(last) != block.timestamp) history.earlier.push(last);
        history.last = (block.timestamp << 168) | (uint256(until) << 128) | (uint256(mask) << 64) | before;
    }

    /// @notice The second from which a checkpoint says what holds.
    function since(uint256 checkpoint) internal pure returns (uint256) {
        return checkpoint >> 168;
    }

    /// @notice What a checkpoint says of a second that is not before it.
    function maskAt(uint256 checkpoint, uint256 second) internal pure returns (uint64) {
        return second < uint40(checkpoint >> 128) ? uint64(checkpoint) : uint64(checkpoint >> 64);
    }
}
