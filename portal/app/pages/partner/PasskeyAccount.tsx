/** A passkey account's money: how it is taken out, and in plain words what the account is, where the money is, and what if it is lost. */
import { Button, Group, List, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/api.ts";
import { type Credit, carriedOf, gaslessClaimPlan } from "../../campaign/claim.ts";
import { elsewhereProblem, type Payout } from "../../campaign/payout.ts";
import { Explorer } from "../../components/Explorer.tsx";
import { Failed } from "../../components/Failed.tsx";
import { config } from "../../config.ts";
import { explain, type Failure } from "../../text/failure.ts";
import { exactText, shortAddress } from "../../text/money.ts";
import { useTransact } from "../../transactions/transact.tsx";
import { useSession } from "../../wallet/wallet.tsx";

export function PasskeyAccount({ credits, payout }: { credits: readonly Credit[]; payout: Payout }) {
  const { address } = useSession();
  return (
    <Paper component="section" aria-label="Your passkey account">
      <Stack gap="md">
        <Title order={2}>Your passkey account</Title>
        <Take credits={credits} payout={payout} />
        <List size="sm" spacing={4}>
          <List.Item>
            The account is <Explorer address={address} />: a contract that your passkey alone commands. It needs no app,
            no password and no coin.
          </List.Item>
          <List.Item>
            What you earn waits in the campaigns' contract, in this account's name, until you say where it goes. Nobody
            else can take it: neither a brand, nor who runs this site.
          </List.Item>
          <List.Item>
            The passkey works on {location.hostname} alone. Your phone's maker, or your password manager, keeps it and
            brings it to your other devices: choose “I have a passkey here already” there.
          </List.Item>
          <List.Item>
            If you lose it, nobody can bring it back, and what waits in its name is lost. So set a payout address that
            is yours elsewhere, below: then everything is paid there, whatever becomes of the passkey.
          </List.Item>
          <List.Item>
            Do not have anything sent to the account's own address: moving it on from there takes other software. The
            account can have a second owner by such software as well; a payout address needs none.
          </List.Item>
        </List>
      </Stack>
    </Paper>
  );
}

/** Takes everything to an address elsewhere, by one signature. */
function Take({ credits, payout }: { credits: readonly Credit[]; payout: Payout }) {
  const { address } = useSession();
  const transact = useTransact();
  const status = useQuery({ queryKey: ["status"], queryFn: api.status, refetchInterval: 60_000 });
  const set = payout.receiver === address ? "" : payout.receiver;
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const carried = carriedOf(credits, status.data?.gaslessClaims);
  const locked = payout.lockSeconds > 0;

  async function take(event: FormEvent) {
    event.preventDefault();
    const receiver = typed.trim() === "" || locked ? set : typed;
    const wrong = elsewhereProblem(receiver, address);
    setProblem(wrong);
    if (wrong !== undefined) return;
    setFailure(undefined);
    setBusy(true);
    await gaslessClaimPlan(carried, address, receiver.trim()).then(transact, (error: unknown) =>
      setFailure(explain(error)),
    );
    setBusy(false);
  }

  if (credits.length === 0) return <Text size="sm">Nothing waits to be claimed yet.</Text>;
  const amounts = credits.map(({ claimable, format }) => exactText(claimable, format)).join(" and ");
  return (
    <form onSubmit={take}>
      <Stack gap="sm">
        <Text>{amounts} are yours to take.</Text>
        {status.data !== undefined && carried.length === 0 && (
          <Text size="sm">This is too little for the relayer to pay the gas of. It adds up, and nothing is lost.</Text>
        )}
        {carried.length > 0 && (
          <Group align="end">
            <TextInput
              miw={260}
              flex={1}
              label="Take it to"
              description={
                set === ""
                  ? `A wallet, or your deposit address at an exchange, for this token on ${config().network}`
                  : `Empty: your payout address ${shortAddress(set)}`
              }
              placeholder="0x…"
              value={locked ? set : typed}
              readOnly={locked}
              onChange={(event) => setTyped(event.currentTarget.value)}
              error={problem}
              styles={{ input: { fontFamily: "monospace" } }}
            />
            <Button type="submit" loading={busy}>
              Claim without gas
            </Button>
          </Group>
        )}
        {failure !== undefined && <Failed failure={failure} />}
      </Stack>
    </form>
  );
}
