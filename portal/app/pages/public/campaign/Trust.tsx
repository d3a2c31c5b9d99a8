/** Whom a partner trusts here, and with how much: attesters, the daily limit, the notice, and what is announced. */
import { Alert, List, Paper, Stack, Text, Title } from "@mantine/core";
import { NO_LIMIT } from "@partner-programs/protocol/limits";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { announcedOf, type ChainCampaign, limitedOf } from "#portal/app/chain/campaign.ts";
import { Unread } from "#portal/app/components/Away.tsx";
import { Explorer } from "#portal/app/components/Explorer.tsx";
import { useNow } from "#portal/app/components/hooks.ts";
import { nameOfAttester } from "#portal/app/text/attesters.ts";
import { type Said, sayAnnounced, sayAttesters, sayLimit, sayNotice } from "#portal/app/text/trust.ts";

interface Of {
  readonly campaign: Campaign;
  readonly chain: ChainCampaign | undefined;
}

function Sentences({ said }: { said: readonly Said[] }) {
  return (
    <List size="sm" spacing="xs">
      {said.map(({ text, warning }) => (
        <List.Item key={text} {...(warning === true ? { fw: 600 } : {})}>
          {text}
        </List.Item>
      ))}
    </List>
  );
}

/** What is on its way to change, above all else. */
export function Announced({ campaign, chain }: Of) {
  const now = useNow(30);
  if (chain === undefined) return null;
  const said = sayAnnounced(announcedOf(chain), tokenOf(campaign), now);
  if (said.length === 0) return null;
  return (
    <Alert color="yellow" title="Announced">
      <List size="sm" spacing={4}>
        {said.map((one) => (
          <List.Item key={one}>{one}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** Whose word pays, and how much it can cost. */
export function Attesters({ campaign, chain, unread }: Of & { unread: boolean }) {
  return (
    <Paper component="section" aria-label="Who attests">
      <Title order={2} mb="sm">
        Who attests
      </Title>
      {chain === undefined ? (
        <Unread away={unread} height={240} />
      ) : (
        <Stack gap="xs">
          {chain.overview.attesters.map((attester) => (
            <Text size="sm" key={attester}>
              <Explorer address={attester} />
              {attester === chain.overview.brand && " (the brand)"}
              {nameOfAttester(attester) !== undefined &&
                `: ${nameOfAttester(attester)}, as this page's operator knows it`}
            </Text>
          ))}
          <Sentences said={[...sayAttesters(chain.overview), ...sayLimit(limitedOf(chain), tokenOf(campaign))]} />
        </Stack>
      )}
    </Paper>
  );
}

/** What the notice is worth. */
export function Notice({ chain, unread }: Pick<Of, "chain"> & { unread: boolean }) {
  return (
    <Paper component="section" aria-label="What the notice protects">
      <Title order={2} mb="sm">
        What the notice protects
      </Title>
      {chain === undefined ? (
        <Unread away={unread} height={160} />
      ) : (
        <Sentences
          said={sayNotice(Number(chain.overview.terms.noticeSeconds), chain.overview.dailyLimit !== NO_LIMIT)}
        />
      )}
    </Paper>
  );
}
