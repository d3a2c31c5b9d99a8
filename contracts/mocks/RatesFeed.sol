// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title RatesFeed
/// @notice A feed in Chainlink's interface (`AggregatorV3Interface`) that answers what it is told, with the rounds of each phase as a
/// proxy shows them: the phase stands above the lower 64 bits of a round's id.
contract RatesFeed {
    struct Round {
        int256 answer;
        uint256 startedAt;
        uint256 updatedAt;
        uint80 answeredInRound;
    }

    uint8 public immutable decimals;
    string public description;
    uint16 public phaseId = 1;

    mapping(uint16 phase => Round[] rounds) private _rounds;

    error NoDataPresent();

    constructor(uint8 decimals_, string memory description_) {
        decimals = decimals_;
        description = description_;
    }

    function answer(int256 value, uint256 updatedAt) external {
        _push(value, updatedAt, updatedAt, roundId() + 1);
    }

    /// @param answeredInRound Of another round: an answer that was carried over.
    function answerInRound(int256 value, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) external {
        _push(value, startedAt, updatedAt, answeredInRound);
    }

    /// @notice Turns to another aggregator.
    function nextPhase() external {
        phaseId++;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(roundId());
    }

    function getRoundData(uint80 id) public view returns (uint80, int256, uint256, uint256, uint80) {
        Round[] storage rounds = _rounds[uint16(id >> 64)];
        uint256 number = uint64(id);
        require(number != 0 && number <= rounds.length, NoDataPresent());
        Round storage round = rounds[number - 1];
        return (id, round.answer, round.startedAt, round.updatedAt, round.answeredInRound);
    }

    /// @notice The last round's id.
    function roundId() public view returns (uint80) {
        return (uint80(phaseId) << 64) | uint80(_rounds[phaseId].length);
    }

    function _push(int256 value, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound) private {
        _rounds[phaseId].push(Round(value, startedAt, updatedAt, answeredInRound));
    }
}
