// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Models: written by hand, nothing here is the contract, and no change to contracts/ can make it fail. What is proved of the
// contract's own code stands in test/proofs/ and in test/solidity/{Budget,Times}.t.sol.
//
// They are of PartnerPrograms' bookkeeping of one campaign in one token. Who may, signatures and lines are left out, so that any
// order of any operations with any amounts is allowed; what is left does what the contract does, with the contract's own
// checks. The compiler's model checker proves each `assert` for all of them, however many (`npm run prove`). One sentence, one
// contract, which keeps just the numbers that its sentence is about: that is what the prover can do.
//
// An attestation without a hold is `attest` and `release` at once; the fee of a pulled line is a `release`; a line that does not hold
// is a `reverse` after the hold.

/// @title Solvency
/// @notice Of its token the contract holds just what is available, reserved and credited.
contract Solvency {
    uint256 private available;
    uint256 private reserved;
    uint256 private credits;
    /// What the token says that the contract has.
    uint256 private balance;

    function fund(uint256 amount) external {
        available += amount;
        balance += amount;
    }

    function withdraw(uint256 amount) external {
        require(amount <= available);
        available -= amount;
        balance -= amount;
    }

    function attest(uint256 total) external {
        require(total <= available);
        available -= total;
        reserved += total;
    }

    function reverse(uint256 returned) external {
        require(returned <= reserved);
        reserved -= returned;
        available += returned;
    }

    function release(uint256 total) external {
        require(total <= reserved);
        reserved -= total;
        credits += total;
    }

    function pull(uint256 commission) external {
        require(commission <= reserved);
        reserved -= commission;
        balance -= commission;
    }

    function claim(uint256 credit) external {
        require(credit <= credits);
        credits -= credit;
        balance -= credit;
    }

    function invariant() external view {
        assert(balance == available + reserved + credits);
    }
}

/// @title Budget
/// @notice A campaign never attests, net of reversals and with fees, more than it was funded with, whatever is withdrawn.
contract Budget {
    uint256 private available;
    uint256 private attested;
    uint256 private withdrawn;
    uint256 private funded;

    function fund(uint256 amount) external {
        available += amount;
        funded += amount;
    }

    function withdraw(uint256 amount) external {
        require(amount <= available);
        available -= amount;
        withdrawn += amount;
    }

    function attest(uint256 total) external {
        require(total <= available);
        available -= total;
        attested += total;
    }

    function reverse(uint256 returned) external {
        require(returned <= attested);
        attested -= returned;
        available += returned;
    }

    function invariant() external view {
        assert(funded == available + attested + withdrawn);
        assert(attested <= funded);
    }
}

/// @title Obligation
/// @notice What was attested, net of reversals, is reserved, credited or paid: none is lost, and none is paid that was not
/// attested.
contract Obligation {
    uint256 private attested;
    uint256 private reserved;
    uint256 private credits;
    uint256 private paid;

    function attest(uint256 total) external {
        attested += total;
        reserved += total;
    }

    function reverse(uint256 returned) external {
        require(returned <= reserved);
        reserved -= returned;
        attested -= returned;
    }

    function release(uint256 total) external {
        require(total <= reserved);
        reserved -= total;
        credits += total;
    }

    function pull(uint256 commission) external {
        require(commission <= reserved);
        reserved -= commission;
        paid += commission;
    }

    function claim(uint256 credit) external {
        require(credit <= credits);
        credits -= credit;
        paid += credit;
    }

    function invariant() external view {
        assert(attested == reserved + credits + paid);
    }
}

/// @title Slot
/// @notice What is available and reserved fits the two halves of one slot: `_setBudget` writes both without looking.
contract Slot {
    uint256 private available;
    uint256 private reserved;

    uint256 private constant MOST = type(uint128).max;

    function fund(uint256 amount) external {
        require(amount <= MOST - available - reserved);
        available += amount;
    }

    function withdraw(uint256 amount) external {
        require(amount <= available);
        available -= amount;
    }

    function attest(uint256 total) external {
        require(total <= available);
        available -= total;
        reserved += total;
    }

    function reverse(uint256 returned) external {
        require(returned <= reserved);
        reserved -= returned;
        available += returned;
    }

    function release(uint256 total) external {
        require(total <= reserved);
        reserved -= total;
    }

    function invariant() external view {
        assert(available <= MOST);
        assert(reserved <= MOST);
        assert(available + reserved <= MOST);
    }
}

/// @title OneLine
/// @notice A line of a batch is worth never more than it was attested with, and is paid once, with what it is worth then.
contract OneLine {
    uint256 private attested;
    uint256 private worth;
    uint256 private paid;
    bool private held;
    bool private due;

    function attest(uint256 amount) external {
        require(!held && !due && attested == 0);
        attested = amount;
        worth = amount;
        held = true;
        due = true;
    }

    function reverse(uint256 target) external {
        require(held);
        if (target < worth) worth = target;
    }

    function endHold() external {
        held = false;
    }

    function release() external {
        require(!held && due);
        due = false;
        paid += worth;
    }

    function invariant() external view {
        assert(worth <= attested);
        assert(paid == 0 || !due);
        assert(paid == 0 || paid == worth);
    }
}
