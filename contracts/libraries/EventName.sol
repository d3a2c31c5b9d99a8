// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title EventName
/// @notice An event's name: 1 to 24 printable ASCII characters without spaces, then zeros. So no two names look the same.
library EventName {
    uint192 private constant EACH = 0x010101010101010101010101010101010101010101010101;

    function isValid(bytes24 name) internal pure returns (bool) {
        unchecked {
            uint192 bytes_ = uint192(name);
            // Looks at all bytes at once, by their highest bits. Below 0x80 nothing is carried over to the next byte.
            if (bytes_ & (0x80 * EACH) != 0) return false;
            uint192 above20 = ((bytes_ + 0x5f * EACH) >> 7) & EACH; // 1 in each byte from 0x21 on
            uint192 at7f = ((bytes_ + EACH) >> 7) & EACH; // 1 in each byte that is 0x7f
            uint192 others = ~(above20 * 0xff); // the bytes that are no characters
            // No 0x7f; the others are zero; they stand at the end, as 2^k - 1; and not everywhere.
            return at7f == 0 && bytes_ & others == 0 && others & (others + 1) == 0 && above20 != 0;
        }
    }
}
