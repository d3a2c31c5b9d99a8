/** A brand's tab: offers published, a new one, and retiring one. */
import { Badge, Button, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { OfferDraft } from "#portal/app/campaign/draft.ts";
import { problemsOf } from "#portal/app/campaign/draftProblems.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { appendOfferPlan, retireOfferPlan } from "#portal/app/campaign/plans.ts";
import { emptyDraft } from "#portal/app/campaign/templates.ts";
import { type ChainCampaign, readCampaign, wordsOf } from "#portal/app/chain/campaign.ts";
import { useAsked } from "#portal/app/components/asked.ts";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Signs, useRights } from "#portal/app/components/Rights.tsx";
import { dateText, durationText } from "#portal/app/text/dates.ts";
import { eventTitle, paidTo, sayPrice } from "#portal/app/text/words.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";
import { OfferFields } from "../create/Offers.tsx";
import { Change } from "./offers/Change.tsx";

const FOR_EVER = 2 ** 40 - 1;

type Chained = ChainCampaign["overview"]["offers"][number];

/** Whether no other offer follows it: of one event and kind, or partner, they follow each other in time. */
const isLast = (offers: readonly Chained[], index: number): boolean => {
  const { eventName, kind, partner } = offers[index] as Chained;
  return !offers.some(
    (other, i) => i > index && other.eventName === eventName && other.kind === kind && other.partner === partner,
  );
};

/** Offers are appended and retired, never changed. */
export default function Offers({ campaign }: { campaign: Campaign }) {
  const transact = useTransact();
  const { signs } = useRights();
  const [changed, setChanged] = useState<number>();
  const token = tokenOf(campaign);
  const chain = useAsked({ queryKey: ["chain", campaign.id], queryFn: () => readCampaign(campaign.id) });
  if (chain.error !== null && chain.data === undefined) return <Failed error={chain.error} retry={chain.refetch} />;
  if (chain.data === undefined) return <Skeleton h={320} radius="lg" />;
  const { offers, terms } = chain.data.overview;
  const now = Date.now() / 1000;
  return (
    <Stack gap="lg">
      {offers.map((offer, i) => {
        // What is said of it and what is signed is of the same one: the contract counts them from 1.
        const offerId = i + 1;
        const from = Number(offer.validFrom);
        const to = Number(offer.validTo);
        const words = wordsOf(offer, terms.unitExponent);
        const { event } = words;
        const standing = to <= now ? "Ended" : from > now ? "Begins later" : to < FOR_EVER ? "Ends" : "Valid";
        return (
          <Paper key={`${offer.eventName}${offer.kind}${offer.partner}${offer.validFrom}`}>
            <Group justify="space-between" align="start">
              <div>
                <Group gap="xs">
                  <Text fw={600}>{sayPrice(words, token)}</Text>
                  <Badge color={standing === "Valid" ? "green" : standing === "Ended" ? "gray" : "yellow"}>
                    {standing}
                  </Badge>
                </Group>
                <Text size="sm" c="dimmed">
                  Offer {offerId}: {eventTitle(event, campaign.description)} ({event}), to {paidTo(words)}. Since{" "}
                  {dateText(from)}
                  {to < FOR_EVER && `, until ${dateText(to)}`}
                  {Number(offer.lockedUntil) > now && `, guaranteed until ${dateText(offer.lockedUntil)}`}.
                </Text>
              </div>
              {signs && to > now && (
                <Group gap="xs">
                  {isLast(offers, i) && (
                    <Button
                      size="sm"
                      variant={to === FOR_EVER ? "filled" : "default"}
                      aria-expanded={changed === offerId}
                      onClick={() => setChanged(changed === offerId ? undefined : offerId)}
                    >
                      {to === FOR_EVER ? "Change what is paid" : "Say what follows"}
                    </Button>
                  )}
                  {to === FOR_EVER && (
                    <Button
                      variant="default"
                      size="sm"
                      onClick={() => transact(retireOfferPlan(campaign, offerId, Number(offer.lockedUntil)))}
                    >
                      Retire
                    </Button>
                  )}
                </Group>
              )}
            </Group>
            {changed === offerId && (
              <Change
                campaign={campaign}
                offerId={offerId}
                words={words}
                unitExponent={Number(terms.unitExponent)}
                lockedUntil={Number(offer.lockedUntil)}
                ends={to === FOR_EVER ? undefined : to}
                close={() => setChanged(undefined)}
              />
            )}
          </Paper>
        );
      })}
      <Signs otherwise="The brand's wallet publishes offers, and retires them.">
        <Append campaign={campaign} unitExponent={Number(terms.unitExponent)} />
      </Signs>
    </Stack>
  );
}

function Append({ campaign, unitExponent }: { campaign: Campaign; unitExponent: number }) {
  const transact = useTransact();
  const token = tokenOf(campaign);
  const [offer, setOffer] = useState<OfferDraft>({
    id: 1,
    event: campaign.description?.events[0]?.name ?? "",
    title: campaign.description?.events[0]?.title ?? "",
    kind: 0,
    partner: "",
    flat: "",
    ratePercent: "",
    cap: "",
    oncePerCustomer: true,
  });
  const [error, setError] = useState<string>();
  function submit(event: FormEvent) {
    event.preventDefault();
    const problem = problemsOf({ ...emptyDraft(), format: token, offers: [offer] })["offer-1"];
    const described = campaign.description?.events.some(({ name }) => name === offer.event) ?? false;
    setError(
      problem ??
        (described
          ? undefined
          : `The description does not know “${offer.event}”: conversions of it would be rejected. It knows ${campaign.description?.events.map(({ name }) => name).join(", ") ?? "nothing"}.`),
    );
    if (problem === undefined && described) transact(appendOfferPlan(campaign, offer, unitExponent));
  }
  return (
    <Paper component="section" aria-label="New offer">
      <form onSubmit={submit}>
        <Stack gap="md">
          <div>
            <Title order={2}>New offer</Title>
            <Text size="sm" c="dimmed">
              It pays at once and stays as it is; to end it you give a notice of {durationText(campaign.noticeSeconds)}.
              Of several offers the best counts for a partner, so that groups of your own are tiers.
            </Text>
          </div>
          <OfferFields
            offer={offer}
            change={(part) => setOffer((before) => ({ ...before, ...part }))}
            symbol={token.symbol}
          />
          {error !== undefined && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {error}
            </Text>
          )}
          <Group justify="flex-end">
            <Button type="submit">Publish the offer</Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
