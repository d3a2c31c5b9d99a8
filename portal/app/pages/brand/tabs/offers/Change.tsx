/** Changing what an offer pays, as one act: it ends with its notice, and its successor begins in the same second. */
import { Button, Group, Paper, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { OfferDraft } from "#portal/app/campaign/draft.ts";
import { problemsOf } from "#portal/app/campaign/draftProblems.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { changeOfferPlan } from "#portal/app/campaign/plans.ts";
import { emptyDraft } from "#portal/app/campaign/templates.ts";
import { lens } from "#portal/app/chain/contracts.ts";
import { toDecimal } from "#portal/app/text/money.ts";
import { eventTitle, type OfferWords } from "#portal/app/text/words.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";

/** Of a number in tokens, as it is typed. */
const typed = (amount: bigint, decimals: number) => (amount === 0n ? "" : toDecimal(amount, decimals));

export function Change({
  campaign,
  offerId,
  words,
  unitExponent,
  lockedUntil,
  ends,
  close,
}: {
  campaign: Campaign;
  offerId: number;
  words: OfferWords;
  unitExponent: number;
  lockedUntil: number;
  /** It was retired before, and ends then; undefined: it is retired by this. */
  ends: number | undefined;
  close: () => void;
}) {
  const transact = useTransact();
  const token = tokenOf(campaign);
  const [offer, setOffer] = useState<OfferDraft>({
    id: 1,
    event: words.event,
    title: eventTitle(words.event, campaign.description),
    kind: words.kind,
    partner: words.partner,
    flat: typed(words.flatAmount, token.decimals),
    ratePercent: words.rateBps === 0 ? "" : toDecimal(BigInt(words.rateBps), 2),
    cap: typed(words.cap, token.decimals),
    oncePerCustomer: false,
  });
  const [problem, setProblem] = useState<string>();
  const field = (name: "flat" | "ratePercent" | "cap") => ({
    value: offer[name],
    inputMode: "decimal" as const,
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setOffer((before) => ({ ...before, [name]: value }));
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong = problemsOf({ ...emptyDraft(), format: token, offers: [offer] })["offer-1"];
    setProblem(wrong);
    if (wrong !== undefined) return;
    const endOf = async () => Number((await lens().offer(campaign.id, offerId)).validTo);
    const conditional = campaign.description?.conditions.some(({ offers }) => offers.includes(offerId)) ?? false;
    const before = { offerId, lockedUntil, ends, conditional };
    transact({ ...changeOfferPlan(campaign, before, offer, unitExponent, endOf), done: close });
  }
  return (
    <Paper component="section" aria-label={`Change what offer ${offerId} pays`} mt="md" withBorder>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <div>
            <Title order={3}>What it pays from then on</Title>
            <Text size="sm" c="dimmed">
              An offer is never changed. This one ends with its notice, and the new one begins in the same second: one
              act, two transactions.
            </Text>
          </div>
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <TextInput label={`Flat, ${token.symbol}`} {...field("flat")} data-autofocus />
            <TextInput label="Percentage" {...field("ratePercent")} />
            <TextInput label={`Cap, ${token.symbol}`} {...field("cap")} />
          </SimpleGrid>
          {problem !== undefined && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {problem}
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit">Change what is paid</Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
