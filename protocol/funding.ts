/** What a funder signs so that anybody can fund a campaign for it through the Funding contract: Permit2, and ERC-3009. */
import { AbiCoder, keccak256, type TypedDataDomain } from "ethers";

/** Uniswap's Permit2, at this address on every chain that has it. */
export const PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3";

/** EIP-712 types of Permit2 with the witness that names the campaign (contracts/periphery/Funding.sol). */
export const permit2FundingTypes = {
  PermitWitnessTransferFrom: [
    { name: "permitted", type: "TokenPermissions" },
    { name: "spender", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
    { name: "witness", type: "Funding" },
  ],
  Funding: [
    { name: "campaignId", type: "bytes32" },
    { name: "amount", type: "uint256" },
  ],
  TokenPermissions: [
    { name: "token", type: "address" },
    { name: "amount", type: "uint256" },
  ],
};

/** EIP-712 type of ERC-3009. */
export const authorizationTypes = {
  ReceiveWithAuthorization: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "validAfter", type: "uint256" },
    { name: "validBefore", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
};

/** A funding by Permit2, as `fundWithPermit2` takes it. */
export interface Permit2Funding {
  readonly campaignId: string;
  /** The campaign's token, which the funder approved for Permit2. */
  readonly token: string;
  /** In base units. */
  readonly amount: bigint;
  /** Any number below 2^256 that the funder did not use with Permit2 before. */
  readonly nonce: bigint;
  /** The last second in which it is valid. */
  readonly deadline: bigint;
}

/** A funding by ERC-3009, as `fundWithAuthorization` takes it. */
export interface AuthorizationFunding {
  readonly campaignId: string;
  readonly funder: string;
  /** In base units of the campaign's token. */
  readonly amount: bigint;
  /** Valid between these times, both excluded. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  /** Tells apart authorizations of one funder for one campaign. */
  readonly salt: string;
}

export function permit2Domain(chainId: bigint | number): TypedDataDomain {
  return { name: "Permit2", chainId, verifyingContract: PERMIT2 };
}

/** What is signed in Permit2's domain. `funding` is the address of the Funding contract. */
export function permit2FundingTypedData(
  { campaignId, token, amount, nonce, deadline }: Permit2Funding,
  funding: string,
) {
  const message = {
    permitted: { token, amount },
    spender: funding,
    nonce,
    deadline,
    witness: { campaignId, amount },
  };
  return { types: permit2FundingTypes, message };
}

/** The nonce that names the campaign: 192 bits of hash, 64 of zero, as `Funding.authorizationNonce` computes it. */
export function authorizationNonce(campaignId: string, salt: string): string {
  const hash = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [campaignId, salt]));
  return `${hash.slice(0, 50)}${"0".repeat(16)}`;
}

/**
 * What is signed in the token's own domain, which the token tells by `eip712Domain()` or its documentation (USDC: its name, and
 * version 2). `funding` is the address of the Funding contract.
 */
export function authorizationFundingTypedData(authorization: AuthorizationFunding, funding: string) {
  const { campaignId, funder, amount, validAfter, validBefore, salt } = authorization;
  const nonce = authorizationNonce(campaignId, salt);
  const message = { from: funder, to: funding, value: amount, validAfter, validBefore, nonce };
  return { types: authorizationTypes, message };
}
