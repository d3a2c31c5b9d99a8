import { expect } from "chai";
import { createCustomers } from "#relayer/domain/customers.ts";
import { maxGas } from "#relayer/domain/gasless.ts";
import { aliasProblem, newInviteCode, readInvite } from "#relayer/domain/inviteCode.ts";
import type { Binding } from "#relayer/domain/judge.ts";
import { countOf, keyOf, offerOf, readPacked, volumeOf } from "#relayer/domain/lines.ts";

const RULE = { touch: "last" as const, windowSeconds: 1_000, codeOrClick: "click" as const, bindingSeconds: 100 };
const binding = (partnershipId: bigint): Binding => ({ partnershipId, touchedAt: 1, boundAt: 1, until: null });

describe("customers", () => {
  const open = (merged: [string, string][] = []) =>
    createCustomers(
      [
        { wallet: "0xa", customer: "ann" },
        { wallet: "0xb", customer: "ann" },
        { wallet: "0xc", customer: "wallet c" },
      ],
      new Map([
        ["ann", binding(1n)],
        ["wallet c", binding(2n)],
        ["wallet d", binding(3n)],
      ]),
      new Map(merged),
      RULE,
    );
  const names = (idKey?: string, wallet?: string) => ({
    customerId: idKey,
    idKey,
    wallet,
    walletKey: wallet === undefined ? undefined : `wallet ${wallet.slice(2)}`,
  });

  it("are known by their id, as whom the brand says they are, and otherwise by their wallet's owner", () => {
    const customers = open([["anna", "ann"]]);
    expect(customers.keyOf(names("ann"))).to.equal("ann");
    expect(customers.keyOf(names("anna"))).to.equal("ann");
    expect(customers.keyOf(names("ben", "0xa"))).to.equal("ben");
    expect(customers.keyOf(names(undefined, "0xa"))).to.equal("ann");
    expect(customers.keyOf(names(undefined, "0xd"))).to.equal("wallet d");
    expect(customers.keyOf(names())).to.equal(undefined);
  });

  it("have their own binding, and while they have none that of a wallet which nobody else has", () => {
    const customers = open();
    expect(customers.bindingOf(names("ann"))?.partnershipId).to.equal(1n);
    expect(customers.bindingOf(names(undefined, "0xb"))?.partnershipId).to.equal(1n);
    expect(customers.bindingOf(names("ben"))).to.equal(undefined);
    expect(customers.bindingOf(names("ben", "0xd"))?.partnershipId).to.equal(3n);
    // The wallet is another's: what it brought is not theirs.
    expect(customers.bindingOf(names("ben", "0xa"))).to.equal(undefined);
    expect(customers.bindingOf(names("ben", "0xc"))).to.equal(undefined);
  });

  it("have the wallets that came with them, each once, the one that is said now last", () => {
    const customers = open();
    expect(customers.walletsOf(names("ann"))).to.deep.equal(["0xa", "0xb"]);
    expect(customers.walletsOf(names("ann", "0xa"))).to.deep.equal(["0xb", "0xa"]);
    expect(customers.walletsOf(names("ben", "0xd"))).to.deep.equal(["0xd"]);
    expect(customers.walletsOf(names("ben"))).to.deep.equal([]);
    expect(customers.hasWalletOfAnother(names("ben", "0xa"))).to.equal(true);
    expect(customers.hasWalletOfAnother(names("ann", "0xa"))).to.equal(false);
    expect(customers.hasWalletOfAnother(names("ben", "0xd"))).to.equal(false);
    expect(customers.hasWalletOfAnother(names("ben"))).to.equal(false);
  });

  it("are bound once, with their wallet, and what changed is what is to be kept", () => {
    const customers = open();
    const bound = customers.bind(names("ben", "0xe"), { partnershipId: 9n, touchedAt: 50 }, 60);
    expect(bound.created).to.equal(true);
    expect(bound.binding).to.deep.equal({ partnershipId: 9n, touchedAt: 50, boundAt: 60, until: 100_060 });
    expect(customers.bind(names("ben", "0xe"), { partnershipId: 9n, touchedAt: 50 }, 70)).to.deep.equal({
      binding: bound.binding,
      created: false,
    });
    expect(customers.walletsOf(names("ben"))).to.deep.equal(["0xe"]);
    expect(customers.keyOf(names(undefined, "0xe"))).to.equal("ben");
    // A later touch of the same partner is noted, and binds nobody anew.
    expect(customers.bind(names("ben"), { partnershipId: 9n, touchedAt: 55 }, 80).created).to.equal(false);
    expect(customers.bind(names(), { partnershipId: 9n, touchedAt: 55 }, 80)).to.deep.equal({
      binding: undefined,
      created: false,
    });
    // A wallet that is another's stays with them.
    customers.bind(names("cleo", "0xa"), { partnershipId: 8n, touchedAt: 50 }, 60);
    expect(customers.keyOf(names(undefined, "0xa"))).to.equal("ann");
    const { wallets, bindings } = customers.changes();
    expect(wallets).to.deep.equal([{ wallet: "0xe", customer: "ben", seenAt: 60 }]);
    expect([...bindings.keys()]).to.deep.equal(["ben", "cleo"]);
    expect(bindings.get("ben")).to.deep.equal({ ...bound.binding, touchedAt: 55 });
  });
});

describe("the name of a link", () => {
  it("is read out of the text that it stood in", () => {
    for (const [text, name] of [
      ["bcdfghjk", "bcdfghjk"],
      ["BcDfGhJk", "bcdfghjk"],
      ["my-shop", "my-shop"],
      ["-shop-", "shop"],
      ["shop-", "shop"],
      ["-shop", "shop"],
      ["shop.", "shop"],
      ["(shop),", "shop"],
      ["“shop”…", "shop"],
      ["shop%20", "shop"],
      ["shop?utm_source=x", "shop"],
      ["shop#top", "shop"],
      ["sh\u200bop", "shop"],
      [`shop${"!".repeat(296)}`, "shop"],
      ["x".repeat(32), "x".repeat(32)],
    ] as const)
      expect(readInvite(text), text).to.equal(name);
    for (const text of ["", "ab", "-", "sh op", "x".repeat(33), `shop${"!".repeat(297)}`, "a/b"])
      expect(readInvite(text), text).to.equal(undefined);
  });

  it("of a partner's choice is no word of the site's, and nothing like a code", () => {
    for (const alias of ["ada", "my-shop", "a1b", "x-y-z", "e".repeat(32)])
      expect(aliasProblem(alias)).to.equal(undefined);
    for (const alias of ["ab", "x".repeat(33), "My", "-ada", "ada-", "a--b", "a b", "é".repeat(3)])
      expect(aliasProblem(alias), alias).to.contain("3 to 32 of");
    for (const alias of ["admin", "ad-min", "www", "about"]) expect(aliasProblem(alias), alias).to.contain("reserved");
    for (const alias of ["bcdfghj", "bcdfghjk", newInviteCode()])
      expect(aliasProblem(alias), alias).to.contain("looks like an invite code");
    for (const alias of ["bcdfgh", "bcdfghjkm", "bcdfghja"]) expect(aliasProblem(alias), alias).to.equal(undefined);
  });
});

describe("a packed line, read where it stands", () => {
  it("has each part at its place", () => {
    const packed = `0xfffe${"ab".repeat(20)}01000280000000000003`;
    expect([offerOf(packed), countOf(packed), volumeOf(packed)]).to.deep.equal([0xfffe, 0x010002, 0x80000000000003n]);
    expect(keyOf(packed)).to.equal(`fffe${"ab".repeat(20)}`);
    expect(readPacked(packed)).to.deep.equal({
      offerId: 0xfffe,
      partner: `0x${"ab".repeat(20)}`,
      count: 0x010002,
      volumeUnits: 0x80000000000003n,
    });
  });

  it("is claimed with gas that grows with the tokens", () => {
    expect([maxGas(1), maxGas(3)]).to.deep.equal([250_000n, 450_000n]);
  });
});
