/** What only the brand can do to a campaign, with its notice: limit, attesters, suspending, closing. */
import { Button, Group, Paper, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { MAX_MEMBERS } from "@partner-programs/protocol/limits";
import { type FormEvent, useState } from "react";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { addresses } from "#portal/app/campaign/draft.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { attestersPlan, closePlan, dailyLimitPlan, resumePlan, suspendPlan } from "#portal/app/campaign/plans.ts";
import { isAddress } from "#portal/app/chain/address.ts";
import { type ChainCampaign, limitedOf } from "#portal/app/chain/campaign.ts";
import { useNow } from "#portal/app/components/hooks.ts";
import { Signs, useRights } from "#portal/app/components/Rights.tsx";
import { dateText, durationText } from "#portal/app/text/dates.ts";
import { shortAddress } from "#portal/app/text/money.ts";
import { sayLimit } from "#portal/app/text/trust.ts";
import { fromTyped } from "#portal/app/text/typed.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";

interface Of {
  readonly campaign: Campaign;
  readonly chain: ChainCampaign;
}

/** How much can be attested in a day. */
export function DailyLimit({ campaign, chain }: Of) {
  const transact = useTransact();
  const token = tokenOf(campaign);
  const notice = durationText(campaign.noticeSeconds);
  const [limit, setLimit] = useState("");
  const [problem, setProblem] = useState<string>();
  const now = useNow(30);

  function changeLimit(event: FormEvent) {
    event.preventDefault();
    const wanted = limit.trim() === "" ? undefined : fromTyped(limit, token.decimals);
    if (limit.trim() !== "" && (wanted === undefined || wanted === 0n))
      return setProblem("An amount above zero, or nothing for no limit.");
    setProblem(undefined);
    transact(dailyLimitPlan(campaign, wanted));
  }

  return (
    <Paper component="section" aria-label="Daily limit">
      <Title order={2} mb="sm">
        Daily limit
      </Title>
      <Stack gap={4} mb="sm">
        {sayLimit(limitedOf(chain), token, now).map(({ text }) => (
          <Text key={text} size="sm">
            {text}
          </Text>
        ))}
        <Text size="sm" c="dimmed">
          It bounds what a stolen key, or attesters who lie, can cost you and your partners until you act.
        </Text>
      </Stack>
      <Signs>
        <form onSubmit={changeLimit}>
          <Group align="end">
            <TextInput
              flex={1}
              miw={200}
              label={`Most in a day, ${token.symbol}`}
              description={`A change, up or down, takes effect after ${notice}. Empty: no limit.`}
              value={limit}
              onChange={(event) => setLimit(event.currentTarget.value)}
              error={problem}
              inputMode="decimal"
            />
            <Button type="submit" variant="default">
              Change
            </Button>
          </Group>
        </form>
      </Signs>
    </Paper>
  );
}

/** Who attests, and how to replace them. */
export function Attesters({ campaign, chain: { overview } }: Of) {
  const transact = useTransact();
  const notice = durationText(campaign.noticeSeconds);
  const [members, setMembers] = useState("");
  const [threshold, setThreshold] = useState("");
  const [problem, setProblem] = useState<string>();

  function changeAttesters(event: FormEvent) {
    event.preventDefault();
    const list = addresses(members);
    const wrong = list.find((one) => !isAddress(one));
    const count = Number(threshold);
    const text =
      list.length === 0 || list.length > MAX_MEMBERS
        ? `Name 1 to ${MAX_MEMBERS} attesters.`
        : wrong !== undefined
          ? `${wrong} is no address.`
          : !Number.isInteger(count) || count > list.length || count * 2 <= list.length
            ? `More than half of the ${list.length} have to sign, and at most all of them.`
            : undefined;
    if (text !== undefined) return setProblem(text);
    setProblem(undefined);
    transact(
      attestersPlan(
        campaign,
        count,
        [...list].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
      ),
    );
  }

  return (
    <Paper component="section" aria-label="Attesters">
      <Title order={2} mb="sm">
        Attesters
      </Title>
      <Signs otherwise={`${overview.threshold} of these sign: ${overview.attesters.map(shortAddress).join(", ")}.`}>
        <form onSubmit={changeAttesters}>
          <Stack gap="sm">
            <Textarea
              label="Replace them by"
              description={`Now ${overview.threshold} of ${overview.attesters.length} sign. A change takes effect after ${notice}.`}
              value={members}
              onChange={(event) => setMembers(event.currentTarget.value)}
              error={problem}
              autosize
              minRows={2}
              placeholder={overview.attesters.join("\n")}
              styles={{ input: { fontFamily: "monospace" } }}
            />
            <Group align="end">
              <TextInput
                label="How many have to sign"
                value={threshold}
                onChange={(event) => setThreshold(event.currentTarget.value)}
                inputMode="numeric"
              />
              <Button type="submit" variant="default">
                Replace
              </Button>
            </Group>
          </Stack>
        </form>
      </Signs>
    </Paper>
  );
}

/** Stopping attestations for a while, or for ever. */
export function SuspendAndClose({ campaign, chain: { overview, state } }: Of) {
  const transact = useTransact();
  const { signs } = useRights();
  const notice = durationText(campaign.noticeSeconds);
  return (
    <Paper component="section" aria-label="Suspend and close">
      <Stack gap="lg">
        <Group justify="space-between">
          <div>
            <Title order={2}>{overview.suspended ? "Suspended" : "Suspend"}</Title>
            <Text size="sm" c="dimmed">
              {overview.suspended
                ? `Nothing new is attested until ${dateText(state.suspendedUntil)}, unless you resume.`
                : `Stops new attestations for ${notice} at most. What is attested is paid all the same.`}
            </Text>
          </div>
          <Signs>
            {overview.suspended ? (
              <Button onClick={() => transact(resumePlan(campaign))}>Resume</Button>
            ) : (
              <Button variant="default" onClick={() => transact(suspendPlan(campaign))}>
                Suspend
              </Button>
            )}
          </Signs>
        </Group>
        <Group justify="space-between">
          <div>
            <Title order={2}>{overview.closed ? "Closed" : Number(overview.closesAt) > 0 ? "Closing" : "Close"}</Title>
            <Text size="sm" c="dimmed">
              {Number(overview.closesAt) > 0
                ? `What happens after ${dateText(overview.closesAt)} is not paid.`
                : `For ever, after ${notice}, or at the last offer's guarantee. Then the rest is yours to withdraw.`}
            </Text>
          </div>
          {Number(overview.closesAt) === 0 && signs && (
            <Button variant="default" c="var(--mantine-color-error)" onClick={() => transact(closePlan(campaign))}>
              Close
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}
