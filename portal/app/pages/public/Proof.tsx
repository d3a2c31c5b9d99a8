/** The public proof of a conversion, checked in the reader's browser. */
import { Alert, Badge, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { api } from "../../api/api.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useCampaign } from "../../campaign/queries.ts";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { PageSkeleton, SignedIn } from "../../components/states.tsx";
import { dateText } from "../../text/dates.ts";
import { moneyText } from "../../text/money.ts";
import { eventTitle } from "../../text/words.ts";
import { useSession } from "../../wallet/wallet.tsx";
import { type Checked, prove } from "./proof.ts";

export default function Proof() {
  useTitle("Proof of a conversion");
  return (
    <SignedIn why="A conversion is shown to its partner and its brand.">
      <Content />
    </SignedIn>
  );
}

const OUTCOMES: Readonly<Record<Checked["outcome"], readonly [label: string, color: string]>> = {
  holds: ["Holds", "green"],
  fails: ["Does not hold", "red"],
  open: ["Not yet", "yellow"],
};

function Content() {
  const { id = "" } = useParams();
  const { token: session } = useSession();
  const conversion = useQuery({ queryKey: ["conversion", id], queryFn: () => api.conversion(session, id) });
  const campaign = useCampaign(conversion.data?.campaignId ?? "", conversion.data !== undefined);
  const { data } = conversion;
  const proof = useQuery({
    queryKey: ["proof", id, data?.state],
    refetchInterval: false,
    queryFn: () => prove(data as NonNullable<typeof data>, tokenOf(campaign.data as NonNullable<typeof campaign.data>)),
    enabled: data !== undefined && campaign.data !== undefined,
  });
  if (conversion.error !== null && data === undefined)
    return <Failed error={conversion.error} retry={conversion.refetch} />;
  if (campaign.error !== null && campaign.data === undefined)
    return <Failed error={campaign.error} retry={campaign.refetch} />;
  if (data === undefined || campaign.data === undefined) return <PageSkeleton />;
  const failed = proof.data?.some(({ outcome }) => outcome === "fails") ?? false;
  return (
    <Stack gap="lg" maw={760} mx="auto">
      <div>
        <Title order={1}>Proof of a conversion</Title>
        <Text c="dimmed">
          {eventTitle(data.event, campaign.data.description)}, {nameOf(campaign.data)}, {dateText(data.receivedAt)}.
          Commission {moneyText(data.commission, tokenOf(campaign.data))}.
        </Text>
      </div>
      {proof.error !== null && proof.data === undefined && <Failed error={proof.error} retry={proof.refetch} />}
      {proof.data === undefined && proof.error === null && <Skeleton h={420} radius="lg" />}
      {proof.data !== undefined && (
        <>
          <Alert
            color={failed ? "red" : "green"}
            title={failed ? "Something does not hold" : "What can be checked holds"}
          >
            {failed
              ? "Keep this page and the receipt: they show what was promised and what was done."
              : "Your browser fetched the contract's own events and hashed everything again. It took nobody's word."}
          </Alert>
          <Paper>
            <Stack gap="lg" component="ol" style={{ listStyle: "none" }} m={0} p={0}>
              {proof.data.map(({ title, outcome, text }, i) => (
                <Group key={title} component="li" align="start" justify="space-between" wrap="nowrap">
                  <div>
                    <Text fw={600}>
                      {i + 1}. {title}
                    </Text>
                    <Text size="sm" c="dimmed">
                      {text}
                    </Text>
                  </div>
                  <Badge color={OUTCOMES[outcome][1]} style={{ flexShrink: 0 }}>
                    {OUTCOMES[outcome][0]}
                  </Badge>
                </Group>
              ))}
            </Stack>
          </Paper>
          <Signers />
        </>
      )}
    </Stack>
  );
}

/** Whose signatures receipts have, where that changed: what an old key promised counts. */
function Signers() {
  const { data } = useQuery({ queryKey: ["status"], queryFn: api.status });
  if (data === undefined || data.receiptSigners.length < 2) return null;
  const moment = (text: string) => dateText(Math.floor(Date.parse(text) / 1000), "second");
  return (
    <Text size="sm" c="dimmed">
      The relayer's receipts are signed by{" "}
      {data.receiptSigners
        .map(
          ({ address, since, until }) =>
            `${address}${since === null ? "" : ` from ${moment(since)}`}${until === null ? "" : ` until ${moment(until)}`}`,
        )
        .join(", and by ")}
      .
    </Text>
  );
}
