/** A brand's tab: keys, webhooks, and what only the brand can do to a campaign. */

import { Button, Group, Paper, Skeleton, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { MAX_MEMBERS, NO_LIMIT } from "@partner-programs/protocol/limits";
import { useQuery } from "@tanstack/react-query";
import { isAddress } from "ethers";
import { type FormEvent, useState } from "react";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { addresses } from "#portal/app/campaign/draft.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { attestersPlan, closePlan, dailyLimitPlan, resumePlan, suspendPlan } from "#portal/app/campaign/plans.ts";
import { readCampaign } from "#portal/app/chain/campaign.ts";
import { Failed } from "#portal/app/components/Failed.tsx";
import { dateText, durationText } from "#portal/app/text/dates.ts";
import { fromDecimal, moneyText } from "#portal/app/text/money.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";
import { Keys } from "./Keys.tsx";
import { Transfer } from "./Transfer.tsx";
import { Webhooks } from "./Webhooks.tsx";

export default function Settings({ campaign }: { campaign: Campaign }) {
  return (
    <Stack gap="lg">
      <Keys campaign={campaign} />
      <Webhooks campaign={campaign} />
      <Control campaign={campaign} />
    </Stack>
  );
}

/** What only the brand can do to a campaign, with its notice. */
function Control({ campaign }: { campaign: Campaign }) {
  const transact = useTransact();
  const token = tokenOf(campaign);
  const chain = useQuery({ queryKey: ["chain", campaign.id], queryFn: () => readCampaign(campaign.id) });
  const [limit, setLimit] = useState("");
  const [members, setMembers] = useState("");
  const [threshold, setThreshold] = useState("");
  const [problem, setProblem] = useState<{ field: "limit" | "attesters"; text: string }>();
  if (chain.error !== null && chain.data === undefined) return <Failed error={chain.error} retry={chain.refetch} />;
  if (chain.data === undefined) return <Skeleton h={400} radius="lg" />;
  const { overview, state } = chain.data;
  const notice = durationText(campaign.noticeSeconds);
  const unlimited = overview.dailyLimit === NO_LIMIT;

  function changeLimit(event: FormEvent) {
    event.preventDefault();
    const wanted = limit.trim() === "" ? undefined : fromDecimal(limit, token.decimals);
    if (limit.trim() !== "" && (wanted === undefined || wanted === 0n))
      return setProblem({ field: "limit", text: "An amount above zero, or nothing for no limit." });
    setProblem(undefined);
    transact(dailyLimitPlan(campaign, wanted, wanted !== undefined && wanted < overview.dailyLimit));
  }

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
    if (text !== undefined) return setProblem({ field: "attesters", text });
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
    <>
      <Paper component="section" aria-label="Daily limit">
        <Title order={2} mb="sm">
          Daily limit
        </Title>
        <form onSubmit={changeLimit}>
          <Group align="end">
            <TextInput
              flex={1}
              miw={200}
              label={`Most in a day, ${token.symbol}`}
              description={`Now: ${unlimited ? "no limit" : moneyText(overview.dailyLimit, token)}. Raised at once, lowered after ${notice}. Empty: no limit.`}
              value={limit}
              onChange={(event) => setLimit(event.currentTarget.value)}
              error={problem?.field === "limit" ? problem.text : undefined}
              inputMode="decimal"
            />
            <Button type="submit" variant="default">
              Change
            </Button>
          </Group>
        </form>
      </Paper>
      <Paper component="section" aria-label="Attesters">
        <Title order={2} mb="sm">
          Attesters
        </Title>
        <form onSubmit={changeAttesters}>
          <Stack gap="sm">
            <Textarea
              label="Replace them by"
              description={`Now ${overview.threshold} of ${overview.attesters.length} sign. A change takes effect after ${notice}.`}
              value={members}
              onChange={(event) => setMembers(event.currentTarget.value)}
              error={problem?.field === "attesters" ? problem.text : undefined}
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
      </Paper>
      <Transfer campaign={campaign} chain={chain.data} />
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
            {overview.suspended ? (
              <Button onClick={() => transact(resumePlan(campaign))}>Resume</Button>
            ) : (
              <Button variant="default" onClick={() => transact(suspendPlan(campaign))}>
                Suspend
              </Button>
            )}
          </Group>
          <Group justify="space-between">
            <div>
              <Title order={2}>
                {overview.closed ? "Closed" : Number(overview.closesAt) > 0 ? "Closing" : "Close"}
              </Title>
              <Text size="sm" c="dimmed">
                {Number(overview.closesAt) > 0
                  ? `What happens after ${dateText(overview.closesAt)} is not paid.`
                  : `For ever, after ${notice}, or at the last offer's guarantee. Then the rest is yours to withdraw.`}
              </Text>
            </div>
            {Number(overview.closesAt) === 0 && (
              <Button variant="default" c="var(--mantine-color-error)" onClick={() => transact(closePlan(campaign))}>
                Close
              </Button>
            )}
          </Group>
        </Stack>
      </Paper>
    </>
  );
}
