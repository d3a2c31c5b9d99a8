/** A campaign's terms: what is paid, and under which rules. */
import { List, Paper, Stack, Text, Title } from "@mantine/core";
import { decodeEventName } from "@partner-programs/protocol/eventName";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { type ChainCampaign, wordsOf } from "#portal/app/chain/campaign.ts";
import { Unread } from "#portal/app/components/Away.tsx";
import { sayConditions } from "#portal/app/text/conditions.ts";
import { dateText } from "#portal/app/text/dates.ts";
import { eventTitle, paidTo, sayPrice, sayTerms } from "#portal/app/text/words.ts";

interface Of {
  readonly campaign: Campaign;
  readonly chain: ChainCampaign | undefined;
  /** The chain does not answer. */
  readonly unread: boolean;
}

/** The offers that are valid now or will be. */
export function OffersPaid({ campaign, chain, unread }: Of) {
  const token = tokenOf(campaign);
  const now = Math.floor(Date.now() / 1000);
  const offers = chain?.overview.offers.map((offer, i) => ({ offer, number: i + 1 })) ?? [];
  const valid = offers.filter(({ offer }) => Number(offer.validTo) > now);
  const terms = chain?.overview.terms;
  return (
    <Paper>
      <Title order={2} mb="sm">
        What is paid
      </Title>
      {chain === undefined && <Unread away={unread} height={90} />}
      <Stack gap="md">
        {valid.map(({ offer, number }) => (
          <div key={number}>
            <Text fw={600}>{sayPrice(wordsOf(offer, terms?.unitExponent ?? 0n), token)}</Text>
            <Text size="sm" c="dimmed">
              to {paidTo(wordsOf(offer, 0n))}: {eventTitle(decodeEventName(offer.eventName), campaign.description)}
              {Number(offer.validFrom) > now && `, from ${dateText(offer.validFrom)}`}
              {Number(offer.validTo) < 2 ** 40 - 1 && `, until ${dateText(offer.validTo)}`}
              {Number(offer.lockedUntil) > now && `. Guaranteed until ${dateText(offer.lockedUntil)}`}
            </Text>
            <Text size="sm">{sayConditions(campaign.description, number)}</Text>
          </div>
        ))}
        {chain !== undefined && valid.length === 0 && <Text c="dimmed">No offer is valid now.</Text>}
      </Stack>
    </Paper>
  );
}

/** What a partner agrees to, in sentences. */
export function Terms({ campaign, chain, unread }: Of) {
  const terms = chain?.overview.terms;
  return (
    <Paper>
      <Title order={2} mb="sm">
        The terms, in plain words
      </Title>
      {terms === undefined ? (
        <Unread away={unread} height={160} />
      ) : (
        <List spacing="xs" size="sm">
          {sayTerms(
            {
              holdSeconds: Number(terms.holdSeconds),
              noticeSeconds: Number(terms.noticeSeconds),
              openKinds: terms.openKinds,
              linesOnChain: terms.linesOnChain,
              token: terms.token,
            },
            campaign.description,
          ).map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      )}
    </Paper>
  );
}
