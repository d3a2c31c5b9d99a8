// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Batch
/// @notice What is stored of a batch under its digest. Attesting writes the head alone: one slot, whatever is in the batch.
/// Everything else of it is in the digest, and whoever settles hands it over again.
struct Batch {
    BatchHead head;
    /// After reversals: keccak256(root, total) of the tree as it stands. Read only where the head says so.
    bytes32 loweredTo;
    /// Bit i of word w: line 256 w + i was settled. The first 192 lines have theirs in the head.
    mapping(uint256 word => uint256) settledBeyond;
}

/// @title BatchHead
/// @notice One word: release time (40 bits), attester set (16), whether lines were lowered (8), settled marks of the first 192
/// lines. 0: no such batch, because a release time is never 0.
type BatchHead is uint256;

using BatchLib for BatchHead global;
using BatchLib for Batch global;

library BatchLib {
    uint256 private constant LOWERED = 1 << 56;
    uint256 private constant FIRST_MARK = 64;
    /// @dev Marks of word 0 that have their place in the head.
    uint256 private constant LINES_IN_HEAD = 192;
    uint256 private constant IN_HEAD = (1 << LINES_IN_HEAD) - 1;

    function open(uint256 releaseAt_, uint256 attesterSet_) internal pure returns (BatchHead) {
        return BatchHead.wrap(releaseAt_ | (attesterSet_ << 40));
    }

    function releaseAt(BatchHead head) internal pure returns (uint256) {
        return uint40(BatchHead.unwrap(head));
    }

    /// @notice The set that attested it, and that alone can reverse.
    function attesterSet(BatchHead head) internal pure returns (uint16) {
        return uint16(BatchHead.unwrap(head) >> 40);
    }

    function isLowered(BatchHead head) internal pure returns (bool) {
        return BatchHead.unwrap(head) & LOWERED != 0;
    }

    function lower(BatchHead head) internal pure returns (BatchHead) {
        return BatchHead.wrap(BatchHead.unwrap(head) | LOWERED);
    }

    /// @notice The marks that the head holds, of word 0.
    function marks(BatchHead head) internal pure returns (uint256) {
        return BatchHead.unwrap(head) >> FIRST_MARK;
    }

    /// @notice Which of `wanted`, marks of one word, are not settled yet.
    function due(Batch storage batch, BatchHead head, uint256 word, uint256 wanted) internal view returns (uint256) {
        if (word == 0) {
            wanted &= ~head.marks();
            if (wanted <= IN_HEAD) return wanted;
        }
        return wanted & ~batch.settledBeyond[word];
    }

    /// @notice Marks `added`, marks of one word, as settled.
    function settle(Batch storage batch, BatchHead head, uint256 word, uint256 added) internal {
        if (word == 0) {
            uint256 inHead = added & IN_HEAD;
            if (inHead != 0) batch.head = BatchHead.wrap(BatchHead.unwrap(head) | (inHead << FIRST_MARK));
            added &= ~IN_HEAD;
        }
        if (added != 0) batch.settledBeyond[word] |= added;
    }

    /// @notice Marks line `index` as settled, and says whether it was not yet.
    function settleOne(Batch storage batch, BatchHead head, uint256 index) internal returns (bool due_) {
        uint256 word = BatchHead.unwrap(head);
        uint256 mark;
        if (index < LINES_IN_HEAD) {
            mark = 1 << (index + FIRST_MARK);
            due_ = word & mark == 0;
            if (due_) batch.head = BatchHead.wrap(word | mark);
        } else {
            mark = 1 << (index & 255);
            word = batch.settledBeyond[index >> 8];
            due_ = word & mark == 0;
            if (due_) batch.settledBeyond[index >> 8] = word | mark;
        }
    }
}
