/** The checksum of an address (EIP-55), with a keccak of its own: 0.6 kB compressed, where @noble/hashes has 2.9, of 3 for the whole SDK. */
const BITS = 64;

/** Lanes: what is written is cut to 64 bits. */
type Lanes = BigUint64Array;

const at = (lanes: Lanes, i: number) => lanes[i] as bigint;
const rotate = (lane: bigint, by: number) => (lane << BigInt(by)) | (lane >> BigInt(BITS - by));

/** Keccak-f[1600]. The round constants come from their shift register, the rotations from the triangular numbers. */
function permute(a: Lanes): void {
  let register = 1;
  for (let round = 0; round < 24; round++) {
    const column = BigUint64Array.from({ length: 5 }, (_, x) =>
      [5, 10, 15, 20].reduce((sum, y) => sum ^ at(a, x + y), at(a, x)),
    );
    for (let i = 0; i < 25; i++)
      a[i] = at(a, i) ^ at(column, (i + 4) % 5) ^ BigInt.asUintN(BITS, rotate(at(column, (i + 1) % 5), 1));
    let [x, y, moving] = [1, 0, at(a, 1)];
    for (let step = 1; step <= 24; step++) {
      [x, y] = [y, (2 * x + 3 * y) % 5];
      const next = at(a, x + 5 * y);
      a[x + 5 * y] = rotate(moving, ((step * (step + 1)) / 2) % BITS);
      moving = next;
    }
    for (let row = 0; row < 25; row += 5) {
      const before = a.slice(row, row + 5);
      for (let i = 0; i < 5; i++) a[row + i] = at(before, i) ^ (~at(before, (i + 1) % 5) & at(before, (i + 2) % 5));
    }
    for (let bit = 0; bit < 7; bit++) {
      if (register & 1) a[0] = at(a, 0) ^ (1n << ((1n << BigInt(bit)) - 1n));
      register = ((register << 1) ^ ((register >> 7) * 0x71)) & 0xff;
    }
  }
}

/** An address with the capitals of its checksum (EIP-55), as an EIP-4361 message has to have it; wallets give it in any case. */
export function checksummed(address: string): string {
  const digits = address.slice(2).toLowerCase();
  const state = new BigUint64Array(25);
  for (let i = 0; i < 40; i++)
    state[i >> 3] = at(state, i >> 3) | (BigInt(digits.charCodeAt(i)) << BigInt((i % 8) * 8));
  state[5] = 1n;
  state[16] = 0x80n << 56n;
  permute(state);
  // Bytes from the least significant, and of each the upper half first.
  const high = (i: number) => (at(state, i >> 4) >> BigInt(((i % 16) ^ 1) * 4)) & 8n;
  return `0x${[...digits].map((digit, i) => (high(i) ? digit.toUpperCase() : digit)).join("")}`;
}
