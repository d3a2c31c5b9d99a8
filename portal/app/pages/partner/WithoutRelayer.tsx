/** A partner's page while the relayer does not answer: what is attested is on the chain, and is paid without it. */
import { Alert, Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { unpackLine } from "@partner-programs/protocol/line";
import { useState } from "react";
import { Link } from "react-router";
import { isDue, planToCollectOwn } from "../../campaign/collect.ts";
import { readTokens } from "../../chain/campaign.ts";
import { lens, programsInterface } from "../../chain/contracts.ts";
import { type OwnLine, type OwnLines, readOwnLines } from "../../chain/ownLines.ts";
import { describeToken } from "../../chain/token.ts";
import { useAsked } from "../../components/asked.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Explorer } from "../../components/Explorer.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useNow } from "../../components/hooks.ts";
import { State } from "../../components/State.tsx";
import { TableSkeleton } from "../../components/states.tsx";
import { explain, type Failure } from "../../text/failure.ts";
import { countText, moneyText, shortAddress, type TokenFormat } from "../../text/money.ts";
import { sayOwnLine, whatText } from "../../text/words.ts";
import { useTransact } from "../../transactions/transact.tsx";
import { useSession } from "../../wallet/wallet.tsx";
import { Claim } from "./Claim.tsx";
import { usePayouts } from "./payouts.ts";

/** What the chain and those who keep lines say of a partner: its lines, what it can claim, and in which tokens. */
interface Found extends OwnLines {
  readonly credits: readonly { token: string; format: TokenFormat; claimable: bigint }[];
  readonly formats: ReadonlyMap<string, TokenFormat>;
}

/** What one question to the contract has room for. */
const MAX_ASKED = 200;

/** In which of these tokens the partner has a credit, and how much. */
async function readCredits(partner: string, tokens: readonly string[]): Promise<ReadonlyMap<string, bigint>> {
  const parts = Array.from({ length: Math.ceil(tokens.length / MAX_ASKED) }, (_, i) =>
    tokens.slice(i * MAX_ASKED, (i + 1) * MAX_ASKED),
  );
  const answers = await Promise.all(parts.map((part) => lens().creditsOf(partner, part)));
  const credits = answers.flatMap((answer) => [...answer]);
  return new Map(tokens.map((token, i) => [token, credits[i] ?? 0n] as const).filter(([, credit]) => credit > 0n));
}

async function find(partner: string, campaignId: string | null): Promise<Found> {
  const [own, everywhere] = await Promise.all([
    readOwnLines(partner, campaignId),
    campaignId === null ? readTokens() : [],
  ]);
  const tokens = [...new Set(own.tokens.values())];
  const credited = await readCredits(partner, [...new Set([...tokens, ...everywhere])]);
  const formats = new Map(
    await Promise.all(
      [...new Set([...tokens, ...credited.keys()])].map(async (token) => [token, await describeToken(token)] as const),
    ),
  );
  const credits = [...credited].map(([token, claimable]) => ({
    token,
    format: formats.get(token) as TokenFormat,
    claimable,
  }));
  return { ...own, credits, formats };
}

/**
 * `campaignId`: null for all campaigns. `retry` asks the relayer again. `claims`: false where the page around it shows what can be
 * claimed.
 */
export function WithoutRelayer({
  campaignId,
  retry,
  claims = true,
}: {
  campaignId: string | null;
  retry: () => unknown;
  claims?: boolean;
}) {
  const { address } = useSession();
  const found = useAsked({
    queryKey: ["own lines", address, campaignId],
    queryFn: () => find(address, campaignId),
    // It reads whole batches: again when something was signed here, and when it is asked to.
    refetchInterval: false,
  });
  return (
    <Stack gap="lg" component="section" aria-label="Without the relayer">
      <Alert color="yellow" title="The relayer does not answer">
        <Stack gap="xs" align="flex-start">
          <Text size="sm">
            Links, clicks and conversions are its to show, and come back with it. What was attested is not: it stands on
            the chain. Below is what your browser found there and at the attesters, each line checked against the root
            that was signed, and you can be paid now.
          </Text>
          <Button size="xs" variant="default" onClick={() => Promise.all([retry(), found.refetch()])}>
            Look again
          </Button>
        </Stack>
      </Alert>
      {found.error !== null && found.data === undefined && <Failed error={found.error} retry={found.refetch} />}
      {found.data === undefined && found.error === null && <TableSkeleton />}
      {found.data !== undefined && (
        <>
          {claims && <Claimable credits={found.data.credits} />}
          {[...found.data.tokens].map(([id, token]) => (
            <OwedByOne
              key={id}
              campaignId={id}
              token={found.data.formats.get(token) as TokenFormat}
              lines={found.data.lines.filter((line) => line.campaignId === id)}
              linked={campaignId === null}
            />
          ))}
          <Missing batches={found.data.missing} />
        </>
      )}
    </Stack>
  );
}

function Claimable({ credits }: Pick<Found, "credits">) {
  const payouts = usePayouts();
  return (
    <Group justify="space-between" align="start">
      <div>
        <Title order={2}>To be claimed</Title>
        <Text size="sm" c="dimmed">
          {credits.map(({ claimable, format }) => moneyText(claimable, format)).join(" + ") ||
            "No credit in the tokens of these campaigns."}
        </Text>
      </div>
      {payouts.data === undefined ? (
        payouts.isPending && <Skeleton h={36} w={120} />
      ) : (
        <Claim credits={credits} receiver={payouts.data.now.receiver} />
      )}
    </Group>
  );
}

/** What one campaign owes, and collecting it. */
function OwedByOne(given: { campaignId: string; token: TokenFormat; lines: readonly OwnLine[]; linked: boolean }) {
  const { campaignId, token, lines, linked } = given;
  const { address } = useSession();
  const transact = useTransact();
  const now = useNow();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  if (lines.length === 0 && linked) return null;
  const due = lines.filter((line) => isDue(line, now));
  async function collect() {
    setFailure(undefined);
    setBusy(true);
    await planToCollectOwn(token, due, address).then(transact, (error: unknown) =>
      setFailure(explain(error, [programsInterface], token)),
    );
    setBusy(false);
  }
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="start">
        <div>
          <Title order={2}>
            {linked ? (
              <Anchor component={Link} to={`/partner/${campaignId}`} inherit>
                Campaign {shortAddress(campaignId)}
              </Anchor>
            ) : (
              "What is owed to you"
            )}
          </Title>
          <Text size="sm" c="dimmed">
            {due.length === 0
              ? "Nothing is due right now."
              : `${moneyText(
                  due.reduce((sum, { commission }) => sum + commission, 0n),
                  token,
                )} are due: you need nobody to be paid.`}
          </Text>
        </div>
        {due.length > 0 && (
          <Button onClick={collect} loading={busy}>
            Collect it yourself
          </Button>
        )}
      </Group>
      {failure !== undefined && <Failed failure={failure} />}
      {lines.length > 0 && <Lines lines={lines} token={token} now={now} />}
    </Stack>
  );
}

function Lines({ lines, token, now }: { lines: readonly OwnLine[]; token: TokenFormat; now: number }) {
  return (
    <DataTable
      caption="On the chain, line by line"
      rows={lines}
      keyOf={({ digest, proof }) => `${digest}${proof.index}`}
      columns={[
        { title: "What", cell: ({ proof }) => whatText(unpackLine(proof.line)) },
        { title: "State", wide: true, cell: (line) => <State said={sayOwnLine(line, now)} /> },
        {
          title: "Commission",
          number: true,
          cell: ({ commission, fault }) => moneyText(fault === 0 ? commission : 0n, token),
        },
        { title: "Batch", cell: ({ digest }) => <Explorer hash={digest} /> },
      ]}
    />
  );
}

function Missing({ batches }: { batches: readonly string[] }) {
  if (batches.length === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      Of {countText(batches.length)} {batches.length === 1 ? "batch" : "batches"} nobody that this page knows gives the
      lines: ask the campaign's attesters, who keep what they signed.
    </Text>
  );
}
