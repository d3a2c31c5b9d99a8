/** The campaign of very many partners and its conversions, each of another partner, as a relayer has accepted them. */
import { descriptionHash } from "@partner-programs/protocol/description";
import { encodeEventName } from "@partner-programs/protocol/eventName";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import { type Line, packLine } from "@partner-programs/protocol/line";
import { getAddress, toBeHex, ZeroAddress } from "ethers";
import type pg from "pg";
import { DemoToken__factory } from "#typechain/factories/mocks/DemoToken__factory.ts";
import type { PartnerPrograms__factory } from "#typechain/factories/PartnerPrograms__factory.ts";
import { ATTESTER, DEPLOYER, localKey } from "../people.ts";

const DAY = 86_400;
export const RATE = { flatAmount: 2_000_000n, rateBps: 1_000, capUnits: 10_000n };
export const CAMPAIGN = { feeBps: 500, unitExponent: 4 };
export const DESCRIPTION = "{}";
/** Conversions that are inserted at once. */
const ROWS = 10_000;

interface Accepted {
  readonly key: string;
  readonly salt: string;
  readonly orderId: string;
  readonly line: Line;
}

export function* conversionsOf(partners: number): Generator<Accepted> {
  for (let i = 0; i < partners; i++)
    yield {
      key: toBeHex(BigInt(i) * 2n + 1n, 32),
      salt: toBeHex(BigInt(i) * 2n + 2n, 32),
      orderId: `order-${i}`,
      line: {
        offerId: 1,
        partner: getAddress(toBeHex(0xa11ce_0000_0000n + BigInt(i) * 7_919n, 20)),
        count: 1,
        volumeUnits: BigInt(1 + (i % 9_999)),
      },
    };
}

/** What the campaign's relayer would have written down, there all at once. @returns when */
export async function insertConversions(database: pg.Client, campaignId: string, partners: number): Promise<number> {
  await database.query("INSERT INTO descriptions (hash, body) VALUES ($1, $2)", [
    descriptionHash(DESCRIPTION),
    DESCRIPTION,
  ]);
  const receivedAt = new Date();
  await database.query("BEGIN");
  let rows: Accepted[] = [];
  for (const one of conversionsOf(partners)) {
    rows.push(one);
    if (rows.length < ROWS) continue;
    await insert(rows);
    rows = [];
  }
  await insert(rows);
  await database.query("COMMIT");
  return Date.now();

  async function insert(some: readonly Accepted[]): Promise<void> {
    await database.query(
      `INSERT INTO conversions (campaign_id, event, order_id, body_hash, key, salt, entries, volume, received_at, state)
       SELECT $1, 'sale', order_id, '', key, salt, jsonb_build_array(entry), volume, $2, 'accepted'
       FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[]) AS given (order_id, key, salt, entry, volume)`,
      [
        campaignId,
        receivedAt,
        some.map(({ orderId }) => orderId),
        some.map(({ key }) => key),
        some.map(({ salt }) => salt),
        some.map(({ line }) => packLine(line)),
        some.map(({ line }) => String(line.volumeUnits * 10n ** BigInt(CAMPAIGN.unitExponent))),
      ],
    );
  }
}

type Programs = ReturnType<typeof PartnerPrograms__factory.connect>;
type Wallet = ReturnType<ReturnType<typeof localKey>["connect"]>;

export async function openCampaign(programs: Programs, brand: Wallet, partners: number): Promise<string> {
  const dollar = await new DemoToken__factory(brand).deploy("Demo Dollar", "DUSD", 6);
  const budget = 15_000_000n * BigInt(partners);
  await (await dollar.mint(brand.address, budget)).wait();
  await (await dollar.approve(programs, budget)).wait();
  const given = {
    salt: toBeHex(1, 32),
    terms: {
      token: await dollar.getAddress(),
      holdSeconds: 60,
      noticeSeconds: DAY,
      ...CAMPAIGN,
      linesOnChain: false,
      operator: localKey(DEPLOYER).address,
      openKinds: 1n,
    },
    offers: [
      {
        ...RATE,
        kind: 0,
        validFrom: 0,
        validTo: 0,
        eventName: encodeEventName("sale"),
        lockedUntil: 0,
        partner: ZeroAddress,
      },
    ],
    attesters: [localKey(ATTESTER).address],
    threshold: 1,
    dailyLimit: NO_LIMIT,
    descriptionHash: descriptionHash(DESCRIPTION),
    descriptionUri: "",
  };
  const campaignId = await programs.createCampaign.staticCall(given);
  await (await programs.createCampaign(given)).wait();
  await (await programs.fund(campaignId, budget)).wait();
  return campaignId;
}
