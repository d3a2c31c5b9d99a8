/** The story that `npm start` plays: three campaigns, their partners, customers, refunds and claims. */
import { kindMask } from "@partner-programs/protocol/kinds";
import { NATIVE } from "@partner-programs/protocol/native";
import { claimOrderTypedData, programsDomain } from "@partner-programs/protocol/typedData";
import { type Conversion, RelayerError, type ServerClient } from "@partner-programs/sdk/server";
import { type ContractTransactionResponse, MaxUint256, parseEther, parseUnits, Signature, type Signer } from "ethers";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import type { DemoToken } from "#typechain/index.ts";
import { type Draft, openCampaign } from "../campaign.ts";
import { AS_A_BROWSER, call, inParallel, type Performance, signIn, waitFor } from "../client.ts";
import {
  ATTESTER,
  DEPLOYER,
  FIRST_BRAND,
  FIRST_PARTNER,
  localKey,
  OPERATOR,
  type Person,
  person,
  STRANGER,
} from "../people.ts";
import type { Stack } from "../stack.ts";

const DAY = 86_400;
const AT_ONCE = 8;

/** A campaign of the story, and who takes part in it. */
export interface Act {
  readonly title: string;
  readonly campaignId: string;
  readonly token: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly partners: readonly Person[];
}

/** A transaction of the story, for the table. */
export interface Sent {
  readonly verb: string;
  readonly by: string;
  readonly what: string;
  readonly gas: number;
}

export interface Played {
  readonly acts: readonly Act[];
  readonly performances: readonly Performance[];
  readonly sent: readonly Sent[];
  readonly people: ReadonlyMap<string, string>;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly clicks: number;
  readonly reports: number;
}

/** How the story is told while it happens. */
export interface Teller {
  chapter(title: string): void;
  say(line: string): void;
  progress(done: number, of: number, what: string): void;
}

interface Running extends Act {
  readonly draft: Draft;
  readonly shop: ServerClient;
  /** Invite links, by partner. */
  readonly links: ReadonlyMap<string, string>;
}

/**
 * Plays three campaigns against a running stack, only by what a stranger can use: transactions of wallets, and HTTP.
 */
export async function play(stack: Stack, teller: Teller): Promise<Played> {
  const { provider, apiUrl, deployment } = stack;
  const programs = PartnerPrograms__factory.connect(deployment.contracts.PartnerPrograms.address, provider);
  const sent: Sent[] = [];
  const outcomes = new Map<string, number>();
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  let clicks = 0;
  let reports = 0;

  const who = (name: string, index: number) => person(name, index, provider);
  const deployer = who("deployer", DEPLOYER);
  const operator = who("operator", OPERATOR);
  const stranger = who("a stranger", STRANGER);
  const brands = ["Streamly", "Ledgerly", "Boxfresh"].map((name, i) => who(name, FIRST_BRAND + i));
  const names = [
    "Ada",
    "Ben",
    "Cleo",
    "Dan",
    "Eve",
    "Finn",
    "Gus",
    "Hana",
    "Ivo",
    "Juno",
    "Kai",
    "Lena",
    "Max",
    "Nora",
  ];
  const partners = names.map((name, i) => who(name, FIRST_PARTNER + i));
  const partner = (name: string) => partners[names.indexOf(name)] as Person;
  const people = new Map([...partners, ...brands, operator].map(({ name, address }) => [address, name]));

  async function send(
    verb: string,
    by: Person,
    what: string,
    make: (signer: Signer) => Promise<ContractTransactionResponse>,
  ): Promise<void> {
    const receipt = await (await make(by.signer)).wait();
    sent.push({ verb, by: by.name, what, gas: Number(receipt?.gasUsed ?? 0n) });
  }

  // ------------------------------------------------------------------------------------------------- campaigns
  teller.chapter("Three brands lock their budgets");
  const dollar = await deployDollar(deployer, brands);
  const drafts = draftCampaigns(brands, partner, await dollar.getAddress());
  const acts: Running[] = [];
  for (const draft of drafts) acts.push(await launch(draft));

  async function launch(draft: Draft): Promise<Running> {
    const opened = await openCampaign(
      { apiUrl, programs, operator: operator.address, attester: localKey(ATTESTER).address, send },
      draft,
      fund,
    );
    teller.say(`${draft.title}: ${draft.summary}`);
    return { ...draft, ...opened, draft, links: new Map<string, string>() };
  }

  /** In three ways: the native coin, an approval, a signed permit. */
  async function fund(campaignId: string, { title, brand, token, budget }: Draft): Promise<void> {
    if (token === NATIVE) {
      return send("fund", brand, `${title}, native coin`, (signer) =>
        programs.connect(signer).fund(campaignId, budget, { value: budget }),
      );
    }
    if (brand === brands[0]) {
      await send("approve", brand, title, (signer) => dollar.connect(signer).approve(programs, budget));
      return send("fund", brand, title, (signer) => programs.connect(signer).fund(campaignId, budget));
    }
    const { v, r, s } = Signature.from(await signPermit(dollar, brand, await programs.getAddress(), budget));
    return send("fundWithPermit", brand, title, (signer) =>
      programs.connect(signer).fundWithPermit(campaignId, budget, MaxUint256, v, r, s),
    );
  }

  // -------------------------------------------------------------------------------------------------- partners
  teller.chapter("Partners join and get their links");
  for (const act of acts) {
    if (act.draft.openKinds === 0) {
      const resellers = act.partners.map(({ address }) => address);
      await send("setKinds", act.draft.brand, `${act.title}: ${resellers.length} resellers`, (signer) =>
        programs.connect(signer).setKinds(act.campaignId, resellers, kindMask("reseller")),
      );
    }
    for (const joining of act.partners) {
      const token = await signIn(apiUrl, joining);
      const { link } = await call<Performance>(apiUrl, "POST", `/v1/campaigns/${act.campaignId}/partnerships`, {
        token,
      });
      (act.links as Map<string, string>).set(joining.address, link);
    }
    teller.say(`${act.title}: ${act.partners.map(({ name }) => name).join(", ")}`);
  }

  // ------------------------------------------------------------------------------- clicks, customers, conversions
  /** A customer follows an invite link, as a browser does; returns the token that the destination gets. */
  async function click(act: Running, by: Person): Promise<string> {
    const response = await fetch(act.links.get(by.address) as string, AS_A_BROWSER);
    const token = new URL(response.headers.get("location") ?? "").searchParams.get("_ushrt");
    if (response.status !== 302 || token === null)
      throw new Error(`The link of ${by.name} answers ${response.status}.`);
    clicks++;
    return token;
  }

  async function report(
    act: Running,
    conversion: Parameters<ServerClient["reportConversion"]>[0],
  ): Promise<Conversion> {
    reports++;
    const taken = await act.shop.reportConversion(conversion);
    count(taken.state === "rejected" ? `rejected: ${taken.reason}` : "accepted");
    return taken;
  }

  const [streamly, ledgerly, boxfresh] = acts as [Running, Running, Running];
  teller.chapter("Customers click and buy");
  const early = await click(streamly, partner("Ada"));
  const random = seededRandom(2026);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

  let done = 0;
  await inParallel(Array.from({ length: 199 }), AT_ONCE, async (_, i) => {
    const token = await click(streamly, streamly.partners[i % streamly.partners.length] as Person);
    if (i < 98)
      await report(streamly, { event: "signup", orderId: `user-${i}`, customerId: `user-${i}`, referralToken: token });
    teller.progress(++done, 199 + 40 + 60, "clicks");
  });
  const qualified: Conversion[] = [];
  await inParallel(Array.from({ length: 40 }), AT_ONCE, async (_, i) => {
    const token = await click(ledgerly, ledgerly.partners[i % ledgerly.partners.length] as Person);
    if (i < 12)
      qualified.push(
        await report(ledgerly, {
          event: "qualified",
          orderId: `deal-${i}`,
          customerId: `company-${i}`,
          referralToken: token,
        }),
      );
    teller.progress(++done, 199 + 40 + 60, "clicks");
  });
  const invoices: Conversion[] = [];
  await inParallel(Array.from({ length: 60 }), AT_ONCE, async (_, i) => {
    const token = await click(boxfresh, boxfresh.partners[i % boxfresh.partners.length] as Person);
    if (i < 20) {
      const volume = (0.04 + random() * 0.08).toFixed(6);
      invoices.push(
        await report(boxfresh, {
          event: "invoice",
          orderId: `invoice-${i}-1`,
          customerId: `subscriber-${i}`,
          volume,
          referralToken: token,
        }),
      );
    }
    teller.progress(++done, 199 + 40 + 60, "clicks");
  });

  teller.chapter("What should not pay does not");
  await mischief();
  async function mischief(): Promise<void> {
    const again = await click(streamly, partner("Ben"));
    const order = {
      event: "signup",
      orderId: "user-again",
      customerId: "user-again",
      referralToken: again,
      occurredAt: "2026-11-23T10:00:00.000Z",
    };
    const first = await report(streamly, order);
    const second = await report(streamly, order);
    if (first.id !== second.id) throw new Error("The same order made two conversions.");
    count("the same report again: the same conversion");
    teller.say("the same order reported twice: one conversion");

    await streamly.shop.reportConversion({ ...order, occurredAt: "2026-11-23T10:00:00.001Z" }).then(
      () => {
        throw new Error("One order was accepted with two contents.");
      },
      (error: unknown) => {
        if (!(error instanceof RelayerError) || error.status !== 409) throw error;
        count("refused: 409 one order with two contents");
        teller.say(`the same order a millisecond later: ${error.message}`);
      },
    );
    reports++;

    const twins = await Promise.all(
      ["2026-11-23T10:00:01.000Z", "2026-11-23T10:00:01.001Z"].map((occurredAt, i) =>
        report(boxfresh, {
          event: "invoice",
          orderId: `invoice-twin-${i}`,
          customerId: "subscriber-0",
          volume: "0.05",
          occurredAt,
        }),
      ),
    );
    expectState(twins, "accepted");
    teller.say("two invoices that differ by a millisecond and their number: two conversions");

    const forged = await report(streamly, {
      event: "signup",
      orderId: "user-forged",
      referralToken: `${again.slice(0, -1)}${again.endsWith("A") ? "B" : "A"}`,
    });
    expectReason(forged, "unknown_token");
    const self = await report(streamly, {
      event: "signup",
      orderId: "user-self",
      referralToken: await click(streamly, partner("Cleo")),
      customerWallet: partner("Cleo").address,
    });
    expectReason(self, "self_referral");
    const twice = await report(streamly, {
      event: "signup",
      orderId: "user-0-again",
      customerId: "user-0",
      referralToken: again,
    });
    expectReason(twice, "customer_limit");
    const uninvited = await report(streamly, { event: "signup", orderId: "user-uninvited" });
    expectReason(uninvited, "no_referral");
    const { windowSeconds } = streamly.draft.attribution;
    const clickedAt = Number.parseInt(early.split(".")[2] as string, 36);
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, clickedAt + windowSeconds * 1000 + 500 - Date.now())),
    );
    const late = await report(streamly, { event: "signup", orderId: "user-late", referralToken: early });
    expectReason(late, "window_expired");
    for (const { reason, reasonText } of [forged, self, twice, uninvited, late]) teller.say(`${reason}: ${reasonText}`);
  }

  // ----------------------------------------------------------------------------------------------------- refunds
  teller.chapter("Renewals and refunds");
  await inParallel(Array.from({ length: 40 }), AT_ONCE, async (_, i) => {
    const volume = (0.04 + random() * 0.08).toFixed(6);
    // No token: the customer is bound to its reseller for life.
    await report(boxfresh, {
      event: "invoice",
      orderId: `invoice-${i % 20}-${2 + Math.floor(i / 20)}`,
      customerId: `subscriber-${i % 20}`,
      volume,
    });
    teller.progress(i + 1, 40, "renewals");
  });
  const unpaid = await report(ledgerly, {
    event: "qualified",
    orderId: "deal-unpaid",
    customerId: "company-unpaid",
    referralToken: await click(ledgerly, pick(ledgerly.partners)),
  });
  const taken = await ledgerly.shop.refund(unpaid.id);
  teller.say(`a deal refunded before it was attested: ${taken.state}`);
  const refundable = qualified[3] as Conversion;
  await waitFor(
    "a deal to be attested",
    async () => (await ledgerly.shop.conversion(refundable.id)).state === "attested",
  );
  await ledgerly.shop.refund(refundable.id);
  await waitFor(
    "its refund to reach the chain",
    async () => (await ledgerly.shop.conversion(refundable.id)).state === "reversed",
  );
  teller.say("a deal refunded within its hold: reversed on the chain");

  // ------------------------------------------------------------------------------------------ release and claims
  teller.chapter("The holds end, and partners are paid");
  await waitFor("every commission to be released", async () => {
    const { waiting } = await call<{ waiting: { conversions: number; batches: number; refunds: number } }>(
      apiUrl,
      "GET",
      "/v1/status",
    );
    teller.progress(reports - waiting.conversions - waiting.batches, reports, "settled");
    return waiting.conversions + waiting.batches + waiting.refunds === 0;
  });
  await claims();
  async function claims(): Promise<void> {
    const tokens = [await dollar.getAddress(), NATIVE];
    const domain = programsDomain(deployment.chainId, await programs.getAddress());
    for (const [i, claiming] of partners.entries()) {
      const owed = await Promise.all(tokens.map((token) => programs.creditOf(claiming.address, token)));
      const due = tokens.filter((_, k) => owed[k] !== 0n);
      if (due.length === 0) continue;
      if (i === 6) {
        teller.say(`${claiming.name} leaves the credit where it is: it does not expire`);
      } else if (i === 4) {
        const order = {
          owner: claiming.address,
          receiver: claiming.address,
          tokens: due,
          nonce: 0n,
          deadline: BigInt(2 ** 40),
        };
        const { types, message } = claimOrderTypedData(order);
        const signature = await claiming.wallet.signTypedData(domain, types, message);
        await send("claimFor", stranger, `${claiming.name}, who pays no gas`, (signer) =>
          programs.connect(signer).claimFor(order, signature),
        );
      } else if (i === 5) {
        await send("payOut", stranger, `to ${claiming.name}`, (signer) =>
          programs.connect(signer).payOut(claiming.address, due),
        );
      } else {
        await send("claim", claiming, `${due.length === 2 ? "two tokens" : "one token"}`, (signer) =>
          programs.connect(signer).claim(due, claiming.address),
        );
      }
    }
    await send("claim", operator, "fees", (signer) => programs.connect(signer).claim(tokens, operator.address));
  }

  // ------------------------------------------------------------------------------------------------------ numbers
  const block = await provider.getBlockNumber();
  await waitFor("the relayer to have seen it all", async () => {
    const { indexedBlock } = await call<{ indexedBlock: number }>(apiUrl, "GET", "/v1/status");
    return indexedBlock >= block;
  });
  const performances: Performance[] = [];
  for (const act of acts) {
    const token = await signIn(apiUrl, act.draft.brand);
    performances.push(
      ...(await call<Performance[]>(apiUrl, "GET", `/v1/campaigns/${act.campaignId}/partnerships`, { token })),
    );
  }
  const relayed = await waitFor("the relayer to have heard of its transactions", async () => {
    const all = await call<{ purpose: string; state: string; gasUsed: number | null }[]>(
      apiUrl,
      "GET",
      "/v1/transactions",
    );
    return all.every(({ state }) => state !== "sent") && all;
  });
  for (const { purpose, gasUsed } of relayed.reverse()) {
    const [verb = "", digest = ""] = purpose.split(":");
    sent.push({ verb, by: "relayer", what: await describeBatch(digest), gas: gasUsed ?? 0 });
  }
  async function describeBatch(digest: string): Promise<string> {
    const batch = await call<{ campaignId: string; conversions: number; lines: unknown[] }>(
      apiUrl,
      "GET",
      `/v1/batches/${digest}`,
    );
    const act = acts.find(({ campaignId }) => campaignId === batch.campaignId);
    return `${act?.title}: ${batch.conversions} conversions, ${batch.lines.length} lines`;
  }
  return { acts, performances, sent, people, outcomes, clicks, reports };
}

function draftCampaigns(brands: readonly Person[], partner: (name: string) => Person, dollar: string): Draft[] {
  const [streamly, ledgerly, boxfresh] = brands as [Person, Person, Person];
  return [
    {
      title: "Streamly affiliates",
      summary: "A consumer app pays affiliates 2 DUSD for each sign-up",
      brand: streamly,
      partners: ["Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus"].map(partner),
      token: dollar,
      symbol: "DUSD",
      decimals: 6,
      unitExponent: 4,
      openKinds: kindMask("affiliate"),
      holdSeconds: 12,
      budget: parseUnits("1000", 6),
      attribution: { touch: "first", windowSeconds: 10, bindingSeconds: 0 },
      event: { name: "signup", title: "A new user signed up", perCustomer: 1 },
      offer: { kind: 0, flatAmount: parseUnits("2", 6), rateBps: 0, capUnits: 0n },
    },
    {
      title: "Ledgerly referrals",
      summary: "A business service pays referral partners 150 DUSD for each qualified customer",
      brand: ledgerly,
      partners: ["Ada", "Hana", "Ivo", "Juno"].map(partner),
      token: dollar,
      symbol: "DUSD",
      decimals: 6,
      unitExponent: 4,
      openKinds: kindMask("referral"),
      holdSeconds: 20,
      budget: parseUnits("5000", 6),
      attribution: { touch: "last", windowSeconds: 90 * DAY, bindingSeconds: 0 },
      event: { name: "qualified", title: "A company became a qualified customer", perCustomer: 1 },
      offer: { kind: 1, flatAmount: parseUnits("150", 6), rateBps: 0, capUnits: 0n },
    },
    {
      title: "Boxfresh resellers",
      summary: "A subscription pays its resellers 20 % of each invoice, for the customer's life",
      brand: boxfresh,
      partners: ["Kai", "Lena", "Max", "Nora"].map(partner),
      token: NATIVE,
      symbol: "ETH",
      decimals: 18,
      unitExponent: 12,
      openKinds: 0,
      holdSeconds: 12,
      budget: parseEther("5"),
      attribution: { touch: "first", windowSeconds: 30 * DAY, bindingSeconds: null },
      event: { name: "invoice", title: "An invoice was paid", perCustomer: null },
      offer: { kind: 2, flatAmount: 0n, rateBps: 2_000, capUnits: 10_000_000n },
    },
  ];
}

async function deployDollar(deployer: Person, holders: readonly Person[]): Promise<DemoToken> {
  const dollar = await new DemoToken__factory(deployer.signer).deploy("Demo Dollar", "DUSD", 6);
  await dollar.waitForDeployment();
  for (const { address } of holders) await (await dollar.mint(address, parseUnits("100000", 6))).wait();
  return dollar;
}

/** An ERC-2612 permit without an end. */
async function signPermit(token: DemoToken, owner: Person, spender: string, value: bigint): Promise<string> {
  const { name, version, chainId, verifyingContract } = await token.eip712Domain();
  return owner.wallet.signTypedData(
    { name, version, chainId, verifyingContract },
    {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    },
    { owner: owner.address, spender, value, nonce: await token.nonces(owner.address), deadline: MaxUint256 },
  );
}

function expectState(conversions: readonly Conversion[], state: Conversion["state"]): void {
  for (const conversion of conversions) {
    if (conversion.state !== state)
      throw new Error(`Conversion ${conversion.id} is ${conversion.state} (${conversion.reason}) instead of ${state}.`);
  }
}

function expectReason(conversion: Conversion, reason: string): void {
  if (conversion.reason !== reason)
    throw new Error(
      `Conversion ${conversion.id} is ${conversion.state} (${conversion.reason}) instead of rejected for ${reason}.`,
    );
}

/** A small generator (mulberry32), so that every run plays the same amounts. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
