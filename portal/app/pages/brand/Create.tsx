/** The form of a new campaign, page by page, and its transactions. */
import { Button, Group, Paper, Stack, Stepper, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { api } from "../../api/api.ts";
import { type Begun, forgetBegun, keepBegun, readBegun } from "../../campaign/begun.ts";
import type { Draft } from "../../campaign/draft.ts";
import { type Field, problemsOf } from "../../campaign/draftProblems.ts";
import { fundingSteps } from "../../campaign/funding.ts";
import { toDescription, toNewCampaign } from "../../campaign/newCampaign.ts";
import { isCreated } from "../../chain/campaign.ts";
import { lens } from "../../chain/contracts.ts";
import { balanceOf } from "../../chain/token.ts";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { SignedIn } from "../../components/states.tsx";
import { config } from "../../config.ts";
import { explain, type Failure } from "../../text/failure.ts";
import { exactText } from "../../text/money.ts";
import { fromTyped } from "../../text/typed.ts";
import type { Step } from "../../transactions/plan.ts";
import { useTransact } from "../../transactions/transact.tsx";
import { useSession } from "../../wallet/wallet.tsx";
import { About } from "./create/About.tsx";
import { Goal } from "./create/Goal.tsx";
import { Offers } from "./create/Offers.tsx";
import { Review, summaryOf } from "./create/Review.tsx";
import { Terms } from "./create/Terms.tsx";

export default function Create() {
  useTitle("Create a campaign");
  return (
    <SignedIn why="A campaign belongs to the wallet that creates it.">
      <Content />
    </SignedIn>
  );
}

/** Each wallet has a form of its own. */
function Content() {
  const { address } = useSession();
  return <Form key={address} />;
}

/** What each page of the form asks: it is left only without problems in these fields. */
const ASKED: readonly (readonly string[])[] = [
  [],
  ["token", "offers", "offer-"],
  [
    "holdSeconds",
    "noticeSeconds",
    "windowSeconds",
    "attesters",
    "threshold",
    "dailyLimit",
    "velocityPerHour",
    "leadDays",
    "leadAnswerDays",
    "currencies",
  ],
  ["name", "destination"],
  ["budget"],
];

function Form() {
  const { address, token: session } = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const transact = useTransact();
  const [begun, setBegun] = useState<Begun>(() => readBegun(address));
  const [shown, setShown] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState(false);
  const { draft, page, salt } = begun;
  useEffect(() => keepBegun(address, begun), [address, begun]);

  const problems = problemsOf(draft);
  const here = Object.keys(problems).filter((field) =>
    ASKED[page]?.some((asked) => field === asked || (asked.endsWith("-") && field.startsWith(asked))),
  );
  const change = (part: Partial<Draft>) => setBegun((before) => ({ ...before, draft: { ...before.draft, ...part } }));
  const problem = (field: Field) => (shown ? problems[field] : undefined);
  const go = (to: number) => {
    if (to > page && here.length > 0) return setShown(true);
    setShown(false);
    setBegun((before) => ({ ...before, page: to }));
  };
  async function leave(campaignId: string): Promise<void> {
    forgetBegun(address);
    await queries.invalidateQueries();
    await navigate(`/brand/${campaignId}`);
  }

  async function sign() {
    setFailure(undefined);
    if (here.length > 0) return setShown(true);
    setBusy(true);
    try {
      const budget = draft.budget === "" ? 0n : (fromTyped(draft.budget, draft.format?.decimals ?? 18) ?? 0n);
      const lacking = await lackOf(draft, budget, address);
      if (lacking !== undefined) return setFailure(lacking);
      const text = JSON.stringify(toDescription(draft));
      const { uri } = await api.publishDescription(session, text);
      const given = toNewCampaign(draft, salt, { text, uri });
      const campaignId = await lens().campaignIdOf(address, salt, given.terms);
      // This very form created it, and was left before the money was in it: its own page goes on from there.
      if (await isCreated(campaignId)) return leave(campaignId);
      const create: Step = {
        kind: "call",
        what: "Create the campaign",
        to: "programs",
        method: "createCampaign",
        args: [given],
      };
      const funding =
        budget === 0n ? [] : await fundingSteps({ campaignId, token: draft.token, amount: budget, owner: address });
      transact({
        title: `Create “${draft.name}”`,
        summary: [
          ...summaryOf(draft),
          ...(budget === 0n || draft.format === undefined
            ? []
            : [
                `${exactText(budget, draft.format)} go from your wallet into the campaign. You get back what is not reserved, with notice.`,
              ]),
        ],
        steps: [create, ...funding],
        ...(draft.format === undefined ? {} : { token: draft.format }),
        made: { page: `/brand/${campaignId}`, endsForm: true },
        async done() {
          await untilIndexed(campaignId, budget > 0n);
          await leave(campaignId);
        },
      });
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }

  const form = { draft, change, problem };
  return (
    <Stack gap="lg" maw={820} mx="auto">
      <Title order={1}>Create a campaign</Title>
      <Stepper
        active={page}
        onStepClick={(to) => to < page && go(to)}
        size="sm"
        iconSize={30}
        allowNextStepsSelect={false}
      >
        {["Goal", "Offers", "Terms", "About", "Review"].map((name) => (
          <Stepper.Step key={name} label={name} />
        ))}
      </Stepper>
      <Paper p={{ base: "md", sm: "xl" }}>
        {page === 0 && <Goal {...form} next={() => go(1)} />}
        {page === 1 && <Offers {...form} />}
        {page === 2 && <Terms {...form} />}
        {page === 3 && <About {...form} />}
        {page === 4 && <Review {...form} />}
      </Paper>
      {failure !== undefined && <Failed failure={failure} />}
      <Group justify="space-between">
        <Button variant="default" onClick={() => go(page - 1)} disabled={page === 0}>
          Back
        </Button>
        {page < 4 ? (
          <Button onClick={() => go(page + 1)}>Continue</Button>
        ) : (
          <Button onClick={sign} loading={busy}>
            {draft.budget === "" ? "Create" : "Create and fund"}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

/** What to do about a budget that the wallet does not hold: said before anything is signed, so that no campaign is half made. */
async function lackOf({ token, format }: Draft, budget: bigint, owner: string): Promise<Failure | undefined> {
  if (budget === 0n || format === undefined) return undefined;
  const held = await balanceOf(token, owner);
  if (held >= budget) return undefined;
  return {
    title: `Your wallet holds ${exactText(held, format)}, and the budget is ${exactText(budget, format)}.`,
    remedy: "Lower the budget, or leave it empty and fund the campaign later, from its page.",
  };
}

/** Waits until the relayer has seen the campaign, for half a minute at most: after that its page says that it is on its way. */
async function untilIndexed(campaignId: string, funded: boolean): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    // In the list, and not by its id: of what is not there yet a browser complains in its console.
    const [known] = await api.campaignsNamed([campaignId]).catch(() => []);
    if (known !== undefined && (!funded || known.funded !== "0")) return;
    await new Promise((resolve) => setTimeout(resolve, config().local ? 250 : 500));
  }
}
