// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Line
/// @notice What one partner earned under one offer in one attestation, in one word:
///
///     | offer (16 bits) | partner (160) | count (24) | volume (56) |
///
/// `count` is a number of conversions. `volume` is the sum of the conversions' volumes in the campaign's volume unit
/// (10^unitExponent base units of the token), each already capped by the offer, so that the commission does not depend on
/// how conversions are grouped into attestations.
type Line is bytes32;

using LineLib for Line global;

library LineLib {
    function pack(uint16 offer, address to, uint24 conversions, uint56 units) internal pure returns (Line) {
        return
            Line.wrap(
                bytes32((uint256(offer) << 240) | (uint256(uint160(to)) << 80) | (uint256(conversions) << 56) | units)
            );
    }

    /// @notice (offer, partner): what makes a line unique in its batch, and the order of lines in it.
    function key(Line line) internal pure returns (uint256) {
        return uint256(Line.unwrap(line)) >> 80;
    }

    function offerId(Line line) internal pure returns (uint16) {
        return uint16(uint256(Line.unwrap(line)) >> 240);
    }

    function partner(Line line) internal pure returns (address) {
        return address(uint160(uint256(Line.unwrap(line)) >> 80));
    }

    function count(Line line) internal pure returns (uint24) {
        return uint24(uint256(Line.unwrap(line)) >> 56);
    }

    function volumeUnits(Line line) internal pure returns (uint56) {
        return uint56(uint256(Line.unwrap(line)));
    }

    /// @notice Line `index`, which the caller knows to be below the number of lines.
    function lineAt(Line[] calldata lines, uint256 index) internal pure returns (Line line) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            line := calldataload(add(lines.offset, shl(5, index)))
        }
    }

    /// @notice The smaller of a line and its target, in count and in volume: lowering twice, or in another order, is the same.
    /// @dev The caller has checked that both have the same key.
    function lowerTo(Line line, Line target) internal pure returns (Line) {
        uint24 lowerCount = target.count() < line.count() ? target.count() : line.count();
        uint56 lowerVolume = target.volumeUnits() < line.volumeUnits() ? target.volumeUnits() : line.volumeUnits();
        return pack(line.offerId(), line.partner(), lowerCount, lowerVolume);
    }
}
