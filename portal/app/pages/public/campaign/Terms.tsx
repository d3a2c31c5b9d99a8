/** A campaign's terms: what is paid, under which rules, and who attests. */
import { List, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { decodeEventName } from "@partner-programs/protocol/eventName";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import type { ChainCampaign } from "#portal/app/chain/campaign.ts";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { dateText } from "#portal/app/text/dates.ts";
import { countText, moneyText } from "#portal/app/text/money.ts";
import { eventTitle, kindPlural, sayPrice, sayTerms } from "#portal/app/text/words.ts";

/** The offers that are valid now or will be. */
export function OffersPaid({ campaign, chain }: { campaign: Campaign; chain: ChainCampaign | undefined }) {
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
      {chain === undefined && <Skeleton h={90} />}
      <Stack gap="md">
        {valid.map(({ offer, number }) => (
          <div key={number}>
            <Text fw={600}>
              {sayPrice(
                {
                  event: "",
                  kind: Number(offer.kind),
                  flatAmount: offer.flatAmount,
                  rateBps: Number(offer.rateBps),
                  cap: offer.capUnits * 10n ** (terms?.unitExponent ?? 0n),
                },
                token,
              )}
            </Text>
            <Text size="sm" c="dimmed">
              to {kindPlural(Number(offer.kind))}: {eventTitle(decodeEventName(offer.eventName), campaign.description)}
              {Number(offer.validFrom) > now && `, from ${dateText(offer.validFrom)}`}
              {Number(offer.validTo) < 2 ** 40 - 1 && `, until ${dateText(offer.validTo)}`}
              {Number(offer.lockedUntil) > now && `. Guaranteed until ${dateText(offer.lockedUntil)}`}
            </Text>
          </div>
        ))}
        {chain !== undefined && valid.length === 0 && <Text c="dimmed">No offer is valid now.</Text>}
      </Stack>
    </Paper>
  );
}

/** What a partner agrees to, in sentences. */
export function Terms({ campaign, chain }: { campaign: Campaign; chain: ChainCampaign | undefined }) {
  const terms = chain?.overview.terms;
  return (
    <Paper>
      <Title order={2} mb="sm">
        The terms, in plain words
      </Title>
      {terms === undefined ? (
        <Skeleton h={160} />
      ) : (
        <List spacing="xs" size="sm">
          {sayTerms(
            {
              holdSeconds: Number(terms.holdSeconds),
              noticeSeconds: Number(terms.noticeSeconds),
              openKinds: Number(terms.openKinds),
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

/** Whose signatures pay, and how much in a day. */
export function Attesters({ campaign, chain }: { campaign: Campaign; chain: ChainCampaign | undefined }) {
  const token = tokenOf(campaign);
  return (
    <Paper>
      <Title order={2} mb="sm">
        Who attests
      </Title>
      {chain === undefined ? (
        <Skeleton h={80} />
      ) : (
        <Stack gap="xs">
          <Text size="sm">
            {countText(chain.overview.threshold)} of {chain.overview.attesters.length} have to sign that something
            happened. The brand chose them; it replaces them with notice.
          </Text>
          {chain.overview.attesters.map((attester) => (
            <Text size="sm" key={attester}>
              <Explorer address={attester} />
            </Text>
          ))}
          <Text size="sm" c="dimmed">
            {chain.overview.dailyLimit === NO_LIMIT
              ? "No daily limit."
              : `They can attest ${moneyText(chain.overview.dailyLimit, token)} in a day, ${moneyText(chain.overview.remainingToday, token)} more today.`}
          </Text>
        </Stack>
      )}
    </Paper>
  );
}
