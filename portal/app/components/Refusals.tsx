/** Lines of a campaign that did not hold: who was not paid, why, and what is available again. */
import { faultReason, REASONS } from "@partner-programs/protocol/reasons";
import type { Campaign } from "../api/campaign.ts";
import { tokenOf } from "../campaign/naming.ts";
import type { RefusedLine } from "../chain/moneyFlow.ts";
import { moneyText, toDecimal } from "../text/money.ts";
import { DataTable } from "./DataTable.tsx";
import { Explorer } from "./Explorer.tsx";

const whyOf = ({ fault }: RefusedLine) => REASONS[faultReason(fault)];

/** Nothing, where all lines held: so it is nearly everywhere. */
export function Refusals({ campaign, lines }: { campaign: Campaign; lines: readonly RefusedLine[] | undefined }) {
  if (lines === undefined || lines.length === 0) return null;
  const token = tokenOf(campaign);
  return (
    <DataTable
      caption="Lines that the contract refused"
      rows={lines}
      keyOf={({ batch, index }) => `${batch}${index}`}
      file="refused.csv"
      columns={[
        {
          title: "Partner",
          cell: ({ partner }) => <Explorer address={partner} />,
          csv: ({ partner }) => partner,
        },
        { title: "Why nobody is paid", wide: true, cell: whyOf, csv: whyOf },
        {
          title: "Available again",
          number: true,
          cell: ({ returned }) => moneyText(returned, token),
          csv: ({ returned }) => toDecimal(returned, token.decimals),
        },
        {
          title: "Transaction",
          cell: ({ transaction }) => <Explorer transaction={transaction} />,
          csv: ({ transaction }) => transaction,
        },
      ]}
    />
  );
}
