// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Models of PartnerPrograms' notices, written by hand as those in Accounting.sol: they are not the contract.

/// @title Closing
/// @notice A campaign does not close before an offer's guarantee ends, however its brand suspends and resumes: here even by any
/// times, not only those that the clock allows.
contract Closing {
    uint256 private closesAt;
    uint256 private lockedUntil;

    function appendOffer(uint256 guarantee) external {
        require(closesAt == 0 || guarantee <= closesAt);
        if (guarantee > lockedUntil) lockedUntil = guarantee;
    }

    function closeCampaign(uint256 noticeEnds) external {
        require(closesAt == 0 && noticeEnds != 0);
        closesAt = noticeEnds > lockedUntil ? noticeEnds : lockedUntil;
    }

    function suspend(uint256 notice) external {
        require(closesAt != 0);
        closesAt += notice;
    }

    function resume(uint256 saved) external {
        require(closesAt > saved);
        closesAt = closesAt - saved > lockedUntil ? closesAt - saved : lockedUntil;
    }

    function invariant() external view {
        assert(closesAt == 0 || closesAt >= lockedUntil);
    }
}

/// @title Suspension
/// @notice A campaign is attestable for at least as long as it was suspended before, from one suspension to the next.
contract Suspension {
    uint256 private now_ = 1;
    uint256 private suspendedUntil;
    uint256 private lastBegan;

    uint256 private constant NOTICE = 7 days;

    function pass(uint256 time) external {
        now_ += time;
    }

    function suspend() external {
        require(suspendedUntil == 0 || now_ >= suspendedUntil + NOTICE);
        // At least the time since the last one began was spent unsuspended, after it ended.
        assert(suspendedUntil == 0 || now_ - suspendedUntil >= suspendedUntil - lastBegan);
        lastBegan = now_;
        suspendedUntil = now_ + NOTICE;
    }

    function resume() external {
        require(now_ < suspendedUntil);
        suspendedUntil = now_;
    }

    function invariant() external view {
        assert(suspendedUntil == 0 || suspendedUntil - lastBegan <= NOTICE);
        assert(suspendedUntil >= lastBegan);
    }
}
