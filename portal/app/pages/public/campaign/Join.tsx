/** The button with which a partner joins a campaign. */
import { Anchor, Button, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { usePartnerships } from "#portal/app/campaign/queries.ts";
import { Failed } from "#portal/app/components/Failed.tsx";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { useWallet } from "#portal/app/wallet/wallet.tsx";

export function Join({ campaign }: { campaign: Campaign }) {
  const { session, ask } = useWallet();
  const partnerships = usePartnerships();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  if (session?.address === campaign.brand)
    return (
      <Button component={Link} to={`/brand/${campaign.id}`}>
        Manage
      </Button>
    );
  if (partnerships.data?.some(({ campaignId }) => campaignId === campaign.id) === true)
    return (
      <Button component={Link} to={`/partner/${campaign.id}`}>
        Your links
      </Button>
    );
  async function join() {
    if (session === undefined) return ask();
    setBusy(true);
    setFailure(undefined);
    try {
      await api.join(session.token, campaign.id, parameters.get("recruiter") ?? undefined);
      await queries.invalidateQueries({ queryKey: ["partnerships"] });
      await navigate(`/partner/${campaign.id}`);
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Stack gap="xs" w={{ base: "100%", sm: "auto" }} maw={{ base: "100%", sm: 360 }}>
      <Button
        size="md"
        onClick={join}
        loading={busy}
        w={{ base: "100%", sm: "auto" }}
        style={{ alignSelf: "flex-end" }}
      >
        {session === undefined ? "Sign in to join" : "Join as a partner"}
      </Button>
      {failure !== undefined && <Failed failure={failure} />}
      {session === undefined && (
        <Text size="xs" c="dimmed" ta={{ base: "left", sm: "right" }}>
          Joining is free and binds you to nothing.{" "}
          <Anchor href="#content" inherit underline="always">
            Read the terms
          </Anchor>
        </Text>
      )}
    </Stack>
  );
}
