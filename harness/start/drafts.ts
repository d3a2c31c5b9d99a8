/** The campaigns of the story: one for affiliates, one for referral partners, one for resellers, and one of a brand that attests by itself. */
import { kindMask } from "@partner-programs/protocol/kinds";
import { NATIVE } from "@partner-programs/protocol/native";
import { parseEther, parseUnits } from "ethers";
import type { Draft } from "../campaign.ts";
import type { Cast } from "./cast.ts";

const DAY = 86_400;

export function draftCampaigns({ brands, alone, partner }: Cast, dollar: string): Draft[] {
  const [streamly, ledgerly, boxfresh] = brands;
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
      // Attesting costs the same for a hundred sign-ups and for a million: the lines are public data.
      linesOnChain: false,
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
      openKinds: 0n,
      holdSeconds: 12,
      budget: parseEther("5"),
      attribution: { touch: "first", windowSeconds: 30 * DAY, bindingSeconds: null },
      event: { name: "invoice", title: "An invoice was paid", perCustomer: null },
      offer: { kind: 2, flatAmount: 0n, rateBps: 2_000, capUnits: 10_000_000n },
    },
    {
      title: "Quillby's own word",
      summary: "A small shop pays affiliates 5 DUSD for each order, and is its own and only attester",
      brand: alone,
      attester: alone.address,
      partners: ["Juno", "Ivo"].map(partner),
      token: dollar,
      symbol: "DUSD",
      decimals: 6,
      unitExponent: 4,
      openKinds: kindMask("affiliate"),
      holdSeconds: 4,
      budget: parseUnits("200", 6),
      attribution: { touch: "last", windowSeconds: 30 * DAY, bindingSeconds: 0 },
      event: { name: "order", title: "An order was paid", perCustomer: null },
      offer: { kind: 0, flatAmount: parseUnits("5", 6), rateBps: 0, capUnits: 0n },
    },
  ];
}
