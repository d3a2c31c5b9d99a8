/** Part of a campaign's form: all of it in sentences, before it is signed. */
import { Button, Group, List, Stack, Text, TextInput, Title } from "@mantine/core";
import { kindMask } from "@partner-programs/protocol/kinds";
import { isNative } from "@partner-programs/protocol/native";
import { useQuery } from "@tanstack/react-query";
import { addresses, type Draft } from "#portal/app/campaign/draft.ts";
import { toDescription, toWords } from "#portal/app/campaign/newCampaign.ts";
import { balanceOf } from "#portal/app/chain/token.ts";
import { config } from "#portal/app/config.ts";
import { moneyText, percentText } from "#portal/app/text/money.ts";
import { paidTo, sayPrice, sayTerms } from "#portal/app/text/words.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";
import { useSession } from "#portal/app/wallet/wallet.tsx";
import type { FormProps } from "./form.ts";

/** What is about to be signed, in sentences. */
export function summaryOf(draft: Draft): string[] {
  const { format } = draft;
  if (format === undefined) return [];
  const fee = config().operator?.feeBps ?? 0;
  return [
    ...draft.offers.map(
      (offer) => `Pays ${paidTo(offer)} ${sayPrice(toWords(offer, format.decimals), format)}: ${offer.title}.`,
    ),
    ...sayTerms({ ...draft, openKinds: kindMask(...draft.openKinds) }, toDescription(draft)),
    `${draft.threshold} of ${addresses(draft.attesters).length} attesters have to sign what happened.`,
    draft.dailyLimit === ""
      ? "No daily limit: attesters who lie, or a stolen key, can take the whole budget in a day."
      : `At most ${draft.dailyLimit} ${format.symbol} are attested in a day.`,
    fee === 0
      ? "No operator's fee."
      : `The operator gets ${percentText(fee)} on top of each commission, from your budget.`,
  ];
}

export function Review({ draft, change, problem }: FormProps) {
  const { address } = useSession();
  const transact = useTransact();
  const { format, token } = draft;
  const balance = useQuery({
    queryKey: ["balance", token, address],
    queryFn: () => balanceOf(token, address),
    enabled: token !== "",
  });
  if (format === undefined) return null;
  return (
    <Stack gap="lg">
      <Title order={2}>{draft.name}</Title>
      <List size="sm" spacing="xs">
        {summaryOf(draft).map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
      <TextInput
        label={`First budget, ${format.symbol}`}
        description="Goes into the contract. What is not reserved for partners you can withdraw with notice. Empty: fund later."
        inputMode="decimal"
        value={draft.budget}
        onChange={(event) => change({ budget: event.currentTarget.value })}
        error={problem("budget")}
      />
      <Group>
        <Text size="sm" c="dimmed">
          You have {balance.data === undefined ? "…" : moneyText(balance.data, format)}.
        </Text>
        {config().local && !isNative(token) && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() =>
              transact({
                title: "Get demo money",
                summary: [`The demo token gives 10,000 ${format.symbol} to whoever asks. They are worth nothing.`],
                steps: [
                  {
                    kind: "call",
                    what: "Mint",
                    to: { token },
                    method: "mint",
                    args: [address, 10_000n * 10n ** BigInt(format.decimals)],
                  },
                ],
                done: async () => void (await balance.refetch()),
              })
            }
          >
            Get 10,000 demo {format.symbol}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        Next you see every call that your wallet will show, decoded. Nothing is sent before you confirm it there.
      </Text>
    </Stack>
  );
}
