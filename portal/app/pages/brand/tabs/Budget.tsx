/** A brand's tab: what there is, topping up, withdrawing. */
import { Alert, Button, Group, Paper, SimpleGrid, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { WITHDRAWAL_WINDOW } from "@partner-programs/protocol/limits";
import { type FormEvent, useState } from "react";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { fundingSteps } from "#portal/app/campaign/funding.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { announceWithdrawalPlan, cancelWithdrawalPlan, withdrawPlan } from "#portal/app/campaign/plans.ts";
import { useCampaign } from "#portal/app/campaign/queries.ts";
import { useRunway } from "#portal/app/campaign/runway.ts";
import { readCampaign, withdrawalOf } from "#portal/app/chain/campaign.ts";
import { readMoney } from "#portal/app/chain/moneyFlow.ts";
import { balanceOf } from "#portal/app/chain/token.ts";
import { ChainAway } from "#portal/app/components/Away.tsx";
import { useAsked } from "#portal/app/components/asked.ts";
import { Failed } from "#portal/app/components/Failed.tsx";
import { useNow } from "#portal/app/components/hooks.ts";
import { Lasts } from "#portal/app/components/Lasts.tsx";
import { Fact, Facts, Tile } from "#portal/app/components/numbers.tsx";
import { Refusals } from "#portal/app/components/Refusals.tsx";
import { Signs, useRights } from "#portal/app/components/Rights.tsx";
import { dateText, durationText, whenText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { exactText, moneyText } from "#portal/app/text/money.ts";
import { type Withdrawal as Announced, isAnnounced, worthNow } from "#portal/app/text/trust.ts";
import { fromTyped } from "#portal/app/text/typed.ts";
import { useTransact } from "#portal/app/transactions/transact.tsx";
import { useSession } from "#portal/app/wallet/wallet.tsx";

/** The brand is warned when its budget lasts no longer. */
const WARNING = 14 * 86_400;

export default function Budget({ campaign }: { campaign: Campaign }) {
  const token = tokenOf(campaign);
  const chain = useAsked({ queryKey: ["chain", campaign.id], queryFn: () => readCampaign(campaign.id) });
  const money = useAsked({
    queryKey: ["money", campaign.id],
    queryFn: () => readMoney(campaign.id),
  });
  const runway = useRunway(campaign.id, money.data);
  if ((chain.error !== null && chain.data === undefined) || (money.error !== null && money.data === undefined))
    return <ByRelayer campaign={campaign} retry={() => Promise.all([chain.refetch(), money.refetch()])} />;
  // How long it lasts decides whether there is a warning above all else: shown later, it would push everything down.
  if (chain.data === undefined || money.data === undefined || runway === undefined)
    return <Skeleton h={480} radius="lg" />;
  const { overview, state } = chain.data;
  return (
    <Stack gap="lg">
      {runway !== null && runway < WARNING && (
        <Alert color="yellow" title="The budget is running out">
          At the pace of the last 30 days it lasts {durationText(runway)}. What it cannot cover is rejected.
        </Alert>
      )}
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <Tile name="Available">{moneyText(overview.available, token)}</Tile>
        <Tile name="Can be counted on" remark="less what is announced to be withdrawn">
          {moneyText(overview.spendable, token)}
        </Tile>
        <Tile name="Reserved" remark="attested, on hold">
          {moneyText(overview.reserved, token)}
        </Tile>
        <Lasts seconds={runway} />
      </SimpleGrid>
      <Signs otherwise="The brand's wallet tops up, and withdraws.">
        <TopUp campaign={campaign} />
      </Signs>
      <Withdrawal
        campaign={campaign}
        withdrawal={withdrawalOf(chain.data)}
        lockedUntil={Number(state.lockedUntil)}
        closed={overview.closed}
      />
      <Paper>
        <Title order={2} mb="xs">
          Since the beginning
        </Title>
        <Facts>
          <Fact name="Funded">{moneyText(money.data.funded, token)}</Fact>
          <Fact name="Attested, fees included">{moneyText(money.data.attested, token)}</Fact>
          <Fact name="Reversed within the hold">{moneyText(money.data.reversed, token)}</Fact>
          <Fact name="Refused by the contract, and available again">{moneyText(money.data.refused, token)}</Fact>
          <Fact name="Released to partners">{moneyText(money.data.released, token)}</Fact>
          <Fact name="Operator's fees">{moneyText(money.data.fees, token)}</Fact>
          <Fact name="Withdrawn">{moneyText(money.data.withdrawn, token)}</Fact>
        </Facts>
      </Paper>
      <Refusals campaign={campaign} lines={money.data.refusals} />
    </Stack>
  );
}

/** What the relayer says of the budget, while the chain cannot be read: nothing can be paid in or out then. */
function ByRelayer({ campaign, retry }: { campaign: Campaign; retry: () => unknown }) {
  const token = tokenOf(campaign);
  const { pendingWithdrawal } = campaign;
  return (
    <Stack gap="lg">
      <ChainAway at={useCampaign(campaign.id).dataUpdatedAt} retry={retry} />
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <Tile name="Available">{moneyText(campaign.available, token)}</Tile>
        <Tile name="Reserved" remark="attested, on hold">
          {moneyText(campaign.reserved, token)}
        </Tile>
        <Tile name="Accepted" remark="on its way to the chain">
          {moneyText(campaign.promised, token)}
        </Tile>
        <Tile name="Released">{moneyText(campaign.released, token)}</Tile>
      </SimpleGrid>
      {pendingWithdrawal !== null && (
        <Text size="sm">
          A withdrawal of {moneyText(pendingWithdrawal.amount, token)} is announced for{" "}
          {dateText(pendingWithdrawal.effectiveAt)}.
        </Text>
      )}
    </Stack>
  );
}

function TopUp({ campaign }: { campaign: Campaign }) {
  const { address } = useSession();
  const transact = useTransact();
  const token = tokenOf(campaign);
  const balance = useAsked({
    queryKey: ["balance", campaign.token, address],
    queryFn: () => balanceOf(campaign.token, address),
  });
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  async function submit(event: FormEvent) {
    event.preventDefault();
    const amount = fromTyped(text, token.decimals);
    if (amount === undefined || amount === 0n)
      return setProblem(
        `"${text}" is no amount of ${token.symbol}. Write 250 or 250.50, with at most ${token.decimals} decimals.`,
      );
    setProblem(undefined);
    setFailure(undefined);
    setBusy(true);
    try {
      transact({
        title: `Add ${exactText(amount, token)}`,
        summary: [
          `${exactText(amount, token)} go from your wallet into the campaign.`,
          "What is not reserved for partners you can withdraw, with notice.",
        ],
        token,
        steps: await fundingSteps({ campaignId: campaign.id, token: campaign.token, amount, owner: address }),
      });
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Paper component="section" aria-label="Top up">
      <Title order={2} mb="xs">
        Top up
      </Title>
      <form onSubmit={submit}>
        <Group align="end">
          <TextInput
            flex={1}
            miw={200}
            label={`Amount to add, ${token.symbol}`}
            description={balance.data === undefined ? "\u00a0" : `You have ${moneyText(balance.data, token)}.`}
            inputMode="decimal"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={problem}
          />
          <Button type="submit" loading={busy}>
            Top up
          </Button>
        </Group>
        {failure !== undefined && <Failed failure={failure} />}
      </form>
    </Paper>
  );
}

function Withdrawal({
  campaign,
  withdrawal,
  lockedUntil,
  closed,
}: {
  campaign: Campaign;
  withdrawal: Announced;
  lockedUntil: number;
  closed: boolean;
}) {
  const { address } = useSession();
  const transact = useTransact();
  const now = useNow();
  const token = tokenOf(campaign);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const { at, available } = withdrawal;
  const { signs } = useRights();
  const announced = isAnnounced(withdrawal, now);
  const amount = closed ? available : worthNow(withdrawal);
  function submit(event: FormEvent) {
    event.preventDefault();
    const wanted = fromTyped(text, token.decimals);
    if (wanted === undefined || wanted === 0n) return setProblem(`Write an amount of ${token.symbol} above zero.`);
    if (wanted > available)
      return setProblem(`Only what is available now can be announced: at most ${moneyText(available, token)}.`);
    setProblem(undefined);
    transact(announceWithdrawalPlan(campaign, wanted, lockedUntil));
  }
  if (!signs && !announced && !closed) return null;
  return (
    <Paper component="section" aria-label="Withdraw">
      <Title order={2} mb="xs">
        Withdraw
      </Title>
      {announced || closed ? (
        <Stack gap="sm">
          <Text size="sm">
            {closed
              ? `The campaign is final: all that is available, ${moneyText(amount, token)}, is yours.`
              : now < at
                ? `It would pay ${moneyText(amount, token)} as things stand, ${whenText(at, now)}, on ${dateText(at)}. Attestations until then may lower it; nothing raises it.`
                : `It pays ${moneyText(amount, token)} now, until ${dateText(at + WITHDRAWAL_WINDOW)}. Attestations may still lower it.`}
          </Text>
          <Signs>
            <Group>
              <Button
                disabled={(!closed && now < at) || amount === 0n}
                onClick={() => transact(withdrawPlan(campaign, address, amount))}
              >
                Withdraw
              </Button>
              {announced && (
                <Button variant="default" onClick={() => transact(cancelWithdrawalPlan(campaign))}>
                  Take it back
                </Button>
              )}
            </Group>
          </Signs>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Group align="end">
            <TextInput
              flex={1}
              miw={200}
              label={`Amount, ${token.symbol}`}
              description={`At most what is available now, ${moneyText(available, token)}. It can be made after a notice of ${durationText(campaign.noticeSeconds)}, or at the last offer's guarantee, for seven days.`}
              inputMode="decimal"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              error={problem}
            />
            <Button type="submit" variant="default">
              Announce
            </Button>
          </Group>
        </form>
      )}
    </Paper>
  );
}
