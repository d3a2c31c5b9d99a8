/** What a partner has in each token, added up over its campaigns. */

import type { Campaign } from "../../api/campaign.ts";
import type { Performance } from "../../api/schema.d.ts";
import { tokenOf } from "../../campaign/naming.ts";
import { lens } from "../../chain/contracts.ts";
import { useAsked } from "../../components/asked.ts";
import type { TokenFormat } from "../../text/money.ts";
import { useSession } from "../../wallet/wallet.tsx";

export interface Purse {
  readonly token: string;
  readonly format: TokenFormat;
  readonly accepted: bigint;
  readonly pending: bigint;
  readonly claimed: bigint;
  readonly claimable: bigint;
  /** Whether the contract says so; otherwise, while it cannot be read, the relayer does. */
  readonly read: boolean;
}

/** What the partner has in each token: the relayer's word for what is to come, the contract's for what can be claimed. */
export function usePurses(
  partnerships: readonly Performance[] | undefined,
  campaigns: readonly Campaign[] | undefined,
) {
  const { address } = useSession();
  const mine = (partnerships ?? []).flatMap((one) => {
    const campaign = campaigns?.find(({ id }) => id === one.campaignId);
    return campaign === undefined ? [] : [{ one, campaign }];
  });
  const tokens = [...new Set(mine.map(({ campaign }) => campaign.token))];
  return useAsked({
    queryKey: [
      "purses",
      address,
      tokens,
      mine.map(({ one }) => [one.accepted, one.pending, one.claimed, one.released]),
    ],
    enabled: partnerships !== undefined && campaigns !== undefined,
    placeholderData: (before) => before,
    queryFn: async (): Promise<Purse[]> => {
      const credits =
        tokens.length === 0
          ? []
          : await lens()
              .creditsOf(address, tokens)
              // Whatever keeps it from being read, there is one who knows it, too.
              .catch(() => undefined);
      return tokens.map((token, i) => {
        const of = mine.filter(({ campaign }) => campaign.token === token);
        const sum = (field: "accepted" | "pending" | "claimed" | "released") =>
          of.reduce((total, { one }) => total + BigInt(one[field]), 0n);
        return {
          token,
          format: tokenOf(of[0]?.campaign as Campaign),
          accepted: sum("accepted"),
          pending: sum("pending"),
          claimed: sum("claimed"),
          claimable: credits === undefined ? sum("released") : (credits[i] ?? 0n),
          read: credits !== undefined,
        };
      });
    },
  });
}
