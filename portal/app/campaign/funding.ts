/** How a budget gets into a campaign: the coin itself, an approval, or a permit that is only a signature. */

import { isNative } from "@partner-programs/protocol/native";
import { Signature } from "ethers";
import { erc20, permitDomain } from "../chain/token.ts";
import { config } from "../config.ts";
import type { Step } from "../transactions/plan.ts";

const PERMIT = [
  { name: "owner", type: "address" },
  { name: "spender", type: "address" },
  { name: "value", type: "uint256" },
  { name: "nonce", type: "uint256" },
  { name: "deadline", type: "uint256" },
];

export async function fundingSteps(given: {
  campaignId: string;
  token: string;
  amount: bigint;
  owner: string;
}): Promise<Step[]> {
  const { campaignId, token, amount, owner } = given;
  const { programs } = config();
  const fund: Step = {
    kind: "call",
    what: "Fund the campaign",
    to: "programs",
    method: "fund",
    args: [campaignId, amount],
  };
  if (isNative(token)) return [{ ...fund, value: amount }];
  const contract = erc20(token);
  if ((await contract.getFunction("allowance")(owner, programs)) >= amount) return [fund];
  const domain = await permitDomain(token);
  if (domain === undefined)
    return [
      {
        kind: "call",
        what: "Allow the contract to take the budget",
        to: { token },
        method: "approve",
        args: [programs, amount],
      },
      fund,
    ];
  const deadline = BigInt(Math.floor(Date.now() / 1000) + 3_600);
  const nonce: bigint = await contract.getFunction("nonces")(owner);
  return [
    {
      kind: "sign",
      what: "Allow the contract to take the budget",
      domain,
      types: { Permit: PERMIT },
      message: { owner, spender: programs, value: amount, nonce, deadline },
      next: "fundWithPermit",
      follow(signature) {
        const { v, r, s } = Signature.from(signature);
        return { ...fund, method: "fundWithPermit", args: [campaignId, amount, deadline, v, r, s] };
      },
    },
    fund,
  ];
}
