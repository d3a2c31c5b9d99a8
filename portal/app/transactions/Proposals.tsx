/** The note on top of every page about what other owners of the account still have to sign. Loaded lazily: imports ethers. */
import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { Link } from "react-router";
import { forgetBegun } from "../campaign/begun.ts";
import { Explorer } from "../components/Explorer.tsx";
import { whenText } from "../text/dates.ts";
import { useWallet } from "../wallet/wallet.tsx";
import { followProposal, GivenUp } from "./account.ts";
import { forgetProposal, keepProposal, onProposals, type Proposal, proposalsOf } from "./proposals.ts";

export default function Proposals({ account }: { account: string }) {
  const list = useSyncExternalStore(onProposals, () => proposalsOf(account));
  if (list.length === 0) return null;
  return (
    <Stack gap="sm" mb="lg">
      {list.map((proposal) => (
        <Waiting key={proposal.id} account={account} proposal={proposal} />
      ))}
    </Stack>
  );
}

/** Follows one to its end, however long that takes, and says what became of it until somebody has read it. */
function Waiting({ account, proposal }: { account: string; proposal: Proposal }) {
  const { wallet } = useWallet();
  const queries = useQueryClient();
  const provider = wallet?.provider;
  const { end } = proposal;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the same proposal is followed once, whatever else is known of it
  useEffect(() => {
    if (end !== undefined) return;
    const controller = new AbortController();
    const settle = async (how: Proposal["end"]) => {
      // A dialog that followed it as well has said it already.
      if (how === undefined || controller.signal.aborted || !proposalsOf(account).some(({ id }) => id === proposal.id))
        return;
      keepProposal(account, { ...proposal, end: how });
      if (proposal.made?.endsForm === true && typeof how === "object" && how.ok) forgetBegun(account);
      await queries.invalidateQueries();
    };
    followProposal(proposal, account, provider, undefined, controller.signal).then(settle, (error: unknown) => {
      if (error instanceof GivenUp) return settle("given up");
    });
    return () => controller.abort();
  }, [account, proposal.id, provider, end]);

  const read = () => forgetProposal(account, proposal.id);
  return (
    <Alert color={colorOf(end)} title={titleOf(proposal)} role="status">
      <Group justify="space-between">
        <Text size="sm">
          {end === undefined && `Proposed ${whenText(proposal.at / 1000)}. Waiting for the other owners’ signatures.`}
          {end === "given up" && "The wallet gave it up: nothing was sent."}
          {typeof end === "object" && !end.ok && "The account carried it out, but the contract refused it. "}
          {typeof end === "object" && end.ok && "It is on the chain. "}
          {typeof end === "object" && end.hash !== "" && <Explorer transaction={end.hash} />}
        </Text>
        <Group gap="sm">
          {typeof end === "object" && end.ok && proposal.made !== undefined && (
            <Anchor component={Link} to={proposal.made.page} size="sm" onClick={read}>
              Open it
            </Anchor>
          )}
          <Button size="xs" variant="default" onClick={read}>
            {end === undefined ? "Forget it" : "Close"}
          </Button>
        </Group>
      </Group>
    </Alert>
  );
}

const colorOf = (end: Proposal["end"]) =>
  end === undefined ? "blue" : typeof end === "object" && end.ok ? "green" : "red";

const titleOf = ({ title, end }: Proposal) =>
  end === undefined ? title : `${title}: ${typeof end === "object" && end.ok ? "done" : "not done"}`;
