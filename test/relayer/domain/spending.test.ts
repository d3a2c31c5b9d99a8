import { expect } from "chai";
import fc from "fast-check";
import { kindOf, roomFor, SHARES, type SpendingKind } from "#relayer/domain/spending.ts";
import { purposeOfMaking } from "#relayer/store/claims.ts";

const KINDS = Object.keys(SHARES) as SpendingKind[];
const wei = fc.bigInt({ min: 0n, max: 10n ** 24n });

describe("a day's gas", () => {
  it("is counted by what a transaction is for; of what is not known the least is allowed", () => {
    expect(
      ["attest:0x1", "release:0x1:256", "reverse:0x1", "claim:7", purposeOfMaking("0x1"), "push:7"].map(kindOf),
    ).to.deep.equal(["attest", "release", "reverse", "claim", "account", "push"]);
    for (const odd of ["", "other:1", "toString:1", "__proto__:1"]) expect(SHARES[kindOf(odd)]).to.equal(60);
  });

  it("has room for what cannot wait whenever it has for what can", () => {
    const order: SpendingKind[] = ["push", "claim", "release", "attest", "reverse"];
    fc.assert(
      fc.property(wei, wei, wei, (day, paid, open) => {
        const rooms = order.map((kind) => roomFor(kind, day, { paid, open }));
        for (const [i, room] of rooms.slice(1).entries()) if (room < (rooms[i] as bigint)) return false;
        return true;
      }),
    );
  });

  it("is never more than the cap, whoever asks for what is left and takes it, in any order", () => {
    fc.assert(
      fc.property(wei, fc.array(fc.tuple(fc.constantFrom(...KINDS), wei)), (day, asked) => {
        let [paid, open] = [0n, 0n];
        for (const [kind, cost] of asked) {
          if (roomFor(kind, day, { paid, open }) < cost) continue;
          open += cost;
          // Some of it is mined, for less than it could have cost.
          paid += open / 3n;
          open -= open / 3n + open / 5n;
        }
        return paid + open <= day;
      }),
    );
  });
});
