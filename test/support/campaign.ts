import { encodeEventName } from "@partner-programs/protocol/eventName";
import { id, ZeroAddress } from "ethers";
import type { IPartnerPrograms } from "#typechain/PartnerPrograms.ts";

const DAY = 86_400;

/** A campaign to be created: offer 1 pays affiliates a price for a sale; one attester suffices. */
export function saleCampaign(given: {
  readonly salt: string;
  readonly token: string;
  readonly attester: string;
  readonly price: bigint;
  readonly terms?: Partial<IPartnerPrograms.TermsStruct>;
}) {
  return {
    salt: id(given.salt),
    terms: {
      token: given.token,
      holdSeconds: DAY,
      noticeSeconds: 7 * DAY,
      openKinds: 1,
      feeBps: 0,
      unitExponent: 4,
      linesOnChain: true,
      operator: ZeroAddress,
      ...given.terms,
    },
    offers: [
      {
        flatAmount: given.price,
        rateBps: 0,
        capUnits: 0n,
        validFrom: 0,
        validTo: 0,
        kind: 0,
        eventName: encodeEventName("sale"),
        lockedUntil: 0,
        partner: ZeroAddress,
      },
    ],
    attesters: [given.attester],
    threshold: 1,
    dailyLimit: 2n ** 128n - 1n,
    descriptionHash: id("description"),
    descriptionUri: "https://brand.example/program.json",
  };
}
