// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title OfferTerms
/// @notice What prices and judges the lines of an offer, in the one word in which it is stored:
///
///     | kind (8 bits) | validTo (40) | validFrom (40) | capUnits (56) | rateBps (16) | flatAmount (96) |
///
/// 0: no such offer, because no offer ends at 0.
type OfferTerms is uint256;

using OfferTermsLib for OfferTerms global;

library OfferTermsLib {
    uint256 private constant VALID_TO = 208;

    function pack(
        uint96 flatAmount_,
        uint16 rateBps_,
        uint56 capUnits_,
        uint40 validFrom_,
        uint40 validTo_,
        uint8 kind_
    ) internal pure returns (OfferTerms) {
        return
            OfferTerms.wrap(
                (uint256(kind_) << 248) |
                    (uint256(validTo_) << VALID_TO) |
                    (uint256(validFrom_) << 168) |
                    (uint256(capUnits_) << 112) |
                    (uint256(rateBps_) << 96) |
                    flatAmount_
            );
    }

    function flatAmount(OfferTerms terms) internal pure returns (uint96) {
        return uint96(OfferTerms.unwrap(terms));
    }

    function rateBps(OfferTerms terms) internal pure returns (uint16) {
        return uint16(OfferTerms.unwrap(terms) >> 96);
    }

    function capUnits(OfferTerms terms) internal pure returns (uint56) {
        return uint56(OfferTerms.unwrap(terms) >> 112);
    }

    function validFrom(OfferTerms terms) internal pure returns (uint40) {
        return uint40(OfferTerms.unwrap(terms) >> 168);
    }

    function validTo(OfferTerms terms) internal pure returns (uint40) {
        return uint40(OfferTerms.unwrap(terms) >> VALID_TO);
    }

    function kind(OfferTerms terms) internal pure returns (uint8) {
        return uint8(OfferTerms.unwrap(terms) >> 248);
    }

    /// @notice The same offer with another end.
    function endingAt(OfferTerms terms, uint40 end) internal pure returns (OfferTerms) {
        uint256 word = OfferTerms.unwrap(terms) & ~(uint256(type(uint40).max) << VALID_TO);
        return OfferTerms.wrap(word | (uint256(end) << VALID_TO));
    }
}
