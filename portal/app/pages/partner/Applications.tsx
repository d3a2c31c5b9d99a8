/** Where a partner applied, and what became of it, as long as it has not joined there. */
import { Alert, Anchor, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { admissionApi } from "../../api/admission.ts";
import type { Campaign } from "../../api/campaign.ts";
import type { Application, Performance } from "../../api/schema.d.ts";
import { nameOf } from "../../campaign/naming.ts";
import { dateText } from "../../text/dates.ts";
import { useSession } from "../../wallet/wallet.tsx";

const WORDS: Readonly<Record<Application["state"], { color: string; say: (one: Application) => string }>> = {
  waiting: { color: "blue", say: ({ appliedAt }) => `waits for the brand since ${dateText(appliedAt)}.` },
  approved: { color: "green", say: () => "took you. Join it, and you have a link." },
  declined: { color: "yellow", say: ({ reason }) => `declined: ${reason}` },
};

export function useApplications() {
  const { token: session, address } = useSession();
  return useQuery({ queryKey: ["admission", "mine", address], queryFn: () => admissionApi.mine(session) });
}

export function Applications({
  partnerships,
  campaigns,
}: {
  partnerships: readonly Performance[];
  campaigns: readonly Campaign[];
}) {
  const mine = useApplications();
  const open = (mine.data?.items ?? []).filter(
    ({ campaignId }) => !partnerships.some((partnership) => partnership.campaignId === campaignId),
  );
  if (open.length === 0) return null;
  return (
    <Stack gap="xs" component="section" aria-label="Your applications">
      {open.map((one) => (
        <Alert key={one.id} color={WORDS[one.state].color}>
          <Text size="sm">
            <Anchor component={Link} to={`/campaigns/${one.campaignId}`} inherit underline="always">
              {nameOf(campaigns.find(({ id }) => id === one.campaignId))}
            </Anchor>{" "}
            {WORDS[one.state].say(one)}
          </Text>
        </Alert>
      ))}
    </Stack>
  );
}
