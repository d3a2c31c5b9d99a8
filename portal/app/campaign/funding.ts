/** How a budget gets into a campaign: the coin itself, a signature and one transaction where token and wallet can, or an approval first. */

import {
  authorizationFundingTypedData,
  PERMIT2,
  permit2Domain,
  permit2FundingTypedData,
} from "@partner-programs/protocol/funding";
import { isNative } from "@partner-programs/protocol/native";
import { hasCode } from "../chain/contracts.ts";
import { partsOf, randomWord } from "../chain/signature.ts";
import { allowanceOf, signingOf, type TokenSigning } from "../chain/token.ts";
import { config } from "../config.ts";
import type { Step } from "../transactions/plan.ts";

/** What is to be paid in, and whose it is. */
interface Given {
  readonly campaignId: string;
  readonly token: string;
  readonly amount: bigint;
  readonly owner: string;
}

/** A signature that is not carried by then is not carried any more. */
const VALID_SECONDS = 3_600;

const PERMIT = [
  { name: "owner", type: "address" },
  { name: "spender", type: "address" },
  { name: "value", type: "uint256" },
  { name: "nonce", type: "uint256" },
  { name: "deadline", type: "uint256" },
];

const SIGNING = { kind: "sign", what: "Allow the contract to take the budget" } as const;
const FUNDING = { kind: "call", what: "Fund the campaign" } as const;
/** In place of a signature's parts in a step that is shown before there is one. */
const UNSIGNED = [0, `0x${"0".repeat(64)}`, `0x${"0".repeat(64)}`] as const;

/** The shortest way that is open: what was allowed before is not asked for again, and a signature is preferred to a transaction. */
export async function fundingSteps(given: Given): Promise<Step[]> {
  const { campaignId, token, amount, owner } = given;
  const { programs, funding } = config();
  const fund: Step = { ...FUNDING, to: "programs", method: "fund", args: [campaignId, amount] };
  if (isNative(token)) return [{ ...fund, value: amount }];
  if ((await allowanceOf(token, owner, programs)) >= amount) return [fund];
  const approve: Step[] = [
    { ...SIGNING, kind: "call", to: { token }, method: "approve", args: [programs, amount] },
    fund,
  ];
  // Tokens read a key's signature. An account with code has owners who would all sign twice: its two calls are one where its wallet can.
  if (await hasCode(owner)) return approve;
  const signing = await signingOf(token, owner);
  if (signing?.permitNonce !== undefined) return byPermit(given, signing.domain, signing.permitNonce);
  if (funding !== null) {
    // It says more than an authorization: the wallet shows the campaign.
    if ((await allowanceOf(token, owner, PERMIT2)) >= amount && (await hasCode(PERMIT2)))
      return byPermit2(given, funding);
    if (signing?.authorizes === true) return byAuthorization(given, signing.domain, funding);
  }
  return approve;
}

const deadline = () => BigInt(Math.floor(Date.now() / 1000) + VALID_SECONDS);

/** ERC-2612: the campaigns' contract takes the token by itself. */
function byPermit({ campaignId, amount, owner }: Given, domain: TokenSigning["domain"], nonce: bigint): Step[] {
  const until = deadline();
  const fund = (parts: readonly unknown[]): Step => ({
    ...FUNDING,
    to: "programs",
    method: "fundWithPermit",
    args: [campaignId, amount, until, ...parts],
  });
  const message = { owner, spender: config().programs, value: amount, nonce, deadline: until };
  return [
    {
      ...SIGNING,
      domain,
      types: { Permit: PERMIT },
      message,
      next: "fundWithPermit",
      follow: (signature) => fund(partsOf(signature)),
    },
    fund(UNSIGNED),
  ];
}

/** Permit2, which the owner allowed to take the token before: the campaign is named in what is signed. */
function byPermit2({ campaignId, token, amount, owner }: Given, funding: string): Step[] {
  const permit = { campaignId, token, amount, nonce: BigInt(randomWord()), deadline: deadline() };
  const fund = (signature: string): Step => ({
    ...FUNDING,
    to: "funding",
    method: "fundWithPermit2",
    args: [campaignId, owner, amount, permit.nonce, permit.deadline, signature],
  });
  const { types, message } = permit2FundingTypedData(permit, funding);
  const domain = { ...permit2Domain(config().chainId) };
  return [{ ...SIGNING, domain, types, message, next: "fundWithPermit2", follow: fund }, fund("0x")];
}

/** ERC-3009: an authorization to receive, whose nonce names the campaign. */
function byAuthorization(
  { campaignId, amount, owner }: Given,
  domain: TokenSigning["domain"],
  funding: string,
): Step[] {
  const given = { campaignId, funder: owner, amount, validAfter: 0n, validBefore: deadline(), salt: randomWord() };
  const fund = (parts: readonly unknown[]): Step => ({
    ...FUNDING,
    to: "funding",
    method: "fundWithAuthorization",
    args: [campaignId, owner, amount, given.validAfter, given.validBefore, given.salt, ...parts],
  });
  const { types, message } = authorizationFundingTypedData(given, funding);
  const follow = (signature: string) => fund(partsOf(signature));
  return [{ ...SIGNING, domain, types, message, next: "fundWithAuthorization", follow }, fund(UNSIGNED)];
}
