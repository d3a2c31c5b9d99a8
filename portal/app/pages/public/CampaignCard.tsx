/** A campaign among others: what it pays, whether it pays now, how long it lasts. */
import { Anchor, Badge, Group, Paper, Stack, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Discovered } from "../../api/schema.d.ts";
import { NOTICE_WORDS } from "../../text/admission.ts";
import { dateText, durationText } from "../../text/dates.ts";
import { countText, moneyText, shareText } from "../../text/money.ts";
import { kindPlural, sayPrice } from "../../text/words.ts";

/** Longer than anybody plans. */
const MAX_LASTS_SECONDS = 5n * 365n * 86_400n;

export function CampaignCard({ campaign }: { campaign: Discovered }) {
  const token = { symbol: campaign.tokenSymbol, decimals: campaign.tokenDecimals };
  const [offer, ...others] = campaign.offers;
  return (
    <Paper h="100%" mih={264}>
      <Stack h="100%" justify="space-between">
        <Stack gap={6}>
          <Group justify="space-between" align="start" wrap="nowrap" gap="xs">
            <Anchor
              component={Link}
              to={`/campaigns/${campaign.id}`}
              fw={600}
              c="var(--mantine-color-text)"
              style={{ overflowWrap: "anywhere" }}
            >
              {campaign.name ?? "Campaign without a description"}
            </Anchor>
            <Standing campaign={campaign} />
          </Group>
          <Text size="sm" fw={550}>
            {offer === undefined
              ? "Pays nothing now"
              : sayPrice(
                  {
                    ...offer,
                    partner: "",
                    flatAmount: BigInt(offer.flatAmount),
                    cap: BigInt(offer.cap),
                  },
                  token,
                )}
          </Text>
          <Text size="xs" c="dimmed">
            {offer !== undefined && `to ${kindPlural(offer.kind)}`}
            {campaign.guaranteedUntil !== null &&
              `, budget guaranteed until ${dateText(campaign.guaranteedUntil, "day")}`}
            {others.length > 0 && `, and ${countText(others.length)} more ${others.length === 1 ? "offer" : "offers"}`}
          </Text>
          <Text size="sm" c="dimmed" lineClamp={2}>
            {campaign.summary ?? "Its description is not known to this relayer."}
          </Text>
        </Stack>
        <Group justify="space-between" align="end" gap="xs">
          <Small name="Budget left">{moneyText(campaign.available, token)}</Small>
          <Small name="Lasts">{lastsText(campaign.lastsSeconds)}</Small>
          <Small name="Sale to credit" title={holdText(campaign.holdSeconds)}>
            {campaign.secondsToCredit === null
              ? holdText(campaign.holdSeconds)
              : durationText(campaign.secondsToCredit, "rough")}
          </Small>
          <Small name="Reversed">{shareText(campaign.reversed, campaign.conversions + campaign.reversed)}</Small>
        </Group>
      </Stack>
    </Paper>
  );
}

function lastsText(seconds: string | null): string {
  if (seconds === null) return "–";
  const lasts = BigInt(seconds);
  return lasts > MAX_LASTS_SECONDS ? "years" : durationText(Number(lasts), "rough");
}

const holdText = (seconds: number) => (seconds === 0 ? "no hold" : `hold ${durationText(seconds, "rough")}`);

function Small({ name, title, children }: { name: string; title?: string; children: string }) {
  return (
    <div title={title}>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text size="sm" fw={550} style={{ fontVariantNumeric: "tabular-nums" }}>
        {children}
      </Text>
    </div>
  );
}

/** What is not as usual, in a word. */
export function Standing({
  campaign: { notice, funded, closesAt, open },
}: {
  campaign: Pick<Discovered, "notice" | "funded" | "closesAt" | "open">;
}) {
  if (notice !== null)
    return (
      <Badge color="yellow">{notice === "budget_exhausted" && !funded ? "Not funded" : NOTICE_WORDS[notice]}</Badge>
    );
  if (closesAt !== null) return <Badge color="yellow">Closes {dateText(closesAt, "day")}</Badge>;
  return open ? null : <Badge color="blue">By application</Badge>;
}
