/** How a partner comes into a campaign: it joins, applies, or waits for the brand; and what would keep it from being paid. */
import { Alert, Anchor, Button, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { admissionApi } from "#portal/app/api/admission.ts";
import { api } from "#portal/app/api/api.ts";
import type { Campaign } from "#portal/app/api/campaign.ts";
import type { Admission, Application, OwnAdmission } from "#portal/app/api/schema.d.ts";
import { useAdmission, usePartnerships } from "#portal/app/campaign/queries.ts";
import { Failed } from "#portal/app/components/Failed.tsx";
import { Obstacles } from "#portal/app/components/Obstacles.tsx";
import { sayKinds, sayObstacles } from "#portal/app/text/admission.ts";
import { dateText } from "#portal/app/text/dates.ts";
import { explain, type Failure } from "#portal/app/text/failure.ts";
import { useWallet } from "#portal/app/wallet/wallet.tsx";
import { Apply } from "./Apply.tsx";

export function Join({ campaign }: { campaign: Campaign }) {
  const { session } = useWallet();
  const partnerships = usePartnerships();
  const { data: admission } = useAdmission(campaign.id);
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
  return <Ways campaign={campaign} admission={admission} />;
}

const isOwn = (admission: Admission | OwnAdmission | undefined): admission is OwnAdmission =>
  admission !== undefined && "payable" in admission;

/** Which of the ways is open to who looks. Until that is known it is as for most campaigns: anybody joins. */
function Ways({ campaign, admission }: { campaign: Campaign; admission: Admission | OwnAdmission | undefined }) {
  const { session, ask } = useWallet();
  const [parameters] = useSearchParams();
  const [applying, setApplying] = useState(false);
  const code = parameters.get("invitation") ?? undefined;
  const invitation = useQuery({
    queryKey: ["admission", "invitation", code],
    queryFn: () => admissionApi.invitation(code ?? ""),
    enabled: code !== undefined,
    retry: false,
  });
  const application = isOwn(admission) ? admission.application : null;
  const invited = invitation.data?.campaignId === campaign.id && invitation.data.state === "open" ? code : undefined;
  const joins = isOwn(admission) ? admission.payable : admission?.open !== false;
  const applies = application === null || (invited !== undefined && application.invitation === null);
  // Whom it pays already joins; by an invitation one can get more.
  const toApply = invited !== undefined ? applies : !joins && applies;
  const waits = application !== null && !toApply && (application.state !== "approved" || !joins);
  return (
    <Stack gap="xs" w={{ base: "100%", sm: "auto" }} maw={{ base: "100%", sm: 360 }}>
      {invitation.error !== null && <Failed error={invitation.error} title="The invitation is not known" />}
      {invitation.data !== undefined && (
        <Alert color={invited === undefined ? "yellow" : "blue"} title={INVITED[invitation.data.state]}>
          {invited !== undefined && `The brand means to take you as: ${sayKinds(invitation.data.kinds)}.`}
        </Alert>
      )}
      {waits && application !== null && <Waiting application={application} />}
      {toApply && (
        <Button size="md" onClick={() => (session === undefined ? ask() : setApplying(true))} {...WIDE}>
          {session === undefined ? "Sign in to apply" : invited === undefined ? "Apply" : "Accept the invitation"}
        </Button>
      )}
      {!toApply && joins && <JoinNow campaign={campaign} />}
      {admission !== undefined && (
        <Obstacles
          sentences={sayObstacles({
            ...admission,
            // Who applies is not told beforehand that nothing is paid: that is what it applies for.
            payable: true,
          })}
        />
      )}
      {session === undefined && (
        <Text size="xs" c="dimmed" ta={{ base: "left", sm: "right" }}>
          {toApply ? "Applying" : "Joining"} is free and binds you to nothing.{" "}
          <Anchor href="#content" inherit underline="always">
            Read the terms
          </Anchor>
        </Text>
      )}
      {applying && session !== undefined && (
        <Apply
          campaign={campaign}
          questions={admission?.questions ?? []}
          invitation={invited}
          session={session.token}
          close={() => setApplying(false)}
        />
      )}
    </Stack>
  );
}

const WIDE = { w: { base: "100%", sm: "auto" }, style: { alignSelf: "flex-end" } } as const;

const INVITED = {
  open: "You are invited",
  used: "This invitation was used: it is for one partner",
  revoked: "The brand has taken this invitation back",
} as const;

function Waiting({ application }: { application: Application }) {
  if (application.state === "declined")
    return (
      <Alert color="yellow" title={`Declined ${dateText(application.declinedAt ?? application.appliedAt, "day")}`}>
        {application.reason}
      </Alert>
    );
  if (application.state === "approved")
    return (
      <Alert color="yellow" title="You are taken, and nothing is paid yet">
        The brand gave you a kind that none of its offers is for. Ask it to publish one.
      </Alert>
    );
  return (
    <Alert color="blue" title="Your application waits for the brand">
      Sent {dateText(application.appliedAt)}. This page says what becomes of it; nothing is asked of you meanwhile.
    </Alert>
  );
}

function JoinNow({ campaign }: { campaign: Campaign }) {
  const { session, ask } = useWallet();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [parameters] = useSearchParams();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
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
    <>
      <Button size="md" onClick={join} loading={busy} {...WIDE}>
        {session === undefined ? "Sign in to join" : "Join as a partner"}
      </Button>
      {failure !== undefined && <Failed failure={failure} />}
    </>
  );
}
