/** Where a partner is paid: the address, its lock, what a thief could do, and revoking signed orders. */
import { Alert, Button, Group, List, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/api.ts";
import {
  carriedPayoutPlan,
  elsewhereProblem,
  type Payouts,
  payoutPlan,
  payoutProblem,
  revokeOrdersPlan,
  sayThief,
} from "../../campaign/payout.ts";
import { Duration } from "../../components/Duration.tsx";
import { Explorer } from "../../components/Explorer.tsx";
import { Failed } from "../../components/Failed.tsx";
import { useNow } from "../../components/hooks.ts";
import { dateText, durationText, whenText } from "../../text/dates.ts";
import { explain, type Failure } from "../../text/failure.ts";
import { useTransact } from "../../transactions/transact.tsx";
import { useIsPasskey, useSession } from "../../wallet/wallet.tsx";
import { Pushes } from "./Pushes.tsx";

export function Payout({ payouts: { now: current, next, optedOut } }: { payouts: Payouts }) {
  const { address } = useSession();
  const passkey = useIsPasskey();
  const now = useNow(30);
  return (
    <Paper component="section" aria-label="Where you are paid">
      <Stack gap="md">
        <div>
          <Title order={2}>Where you are paid</Title>
          <Text size="sm">
            {current.receiver === address ? "To this wallet" : "To"} <Explorer address={current.receiver} />
            {current.lockSeconds === 0 ? ", without a lock." : `, locked for ${durationText(current.lockSeconds)}.`}
            {optedOut &&
              current.lockSeconds === 0 &&
              " You do not let others push what is yours: you claim it yourself."}
          </Text>
        </div>
        {next !== undefined && (
          <Alert color="yellow" title={`Announced: another address, ${whenText(next.effectiveAt, now)}`}>
            From {dateText(next.effectiveAt)} on you are paid to <Explorer address={next.receiver} />
            {next.lockSeconds === 0 ? ", without a lock" : `, locked for ${durationText(next.lockSeconds)}`}. If that
            was not you, somebody has your key: announce your own address again, which begins the time anew, and join
            with a new wallet.
          </Alert>
        )}
        <List size="sm" spacing={4}>
          {sayThief(current, address).map((one) => (
            <List.Item key={one}>{one}</List.Item>
          ))}
        </List>
        <Change current={current} owner={address} />
        <Pushes optedOut={optedOut} />
        {!passkey && <Orders />}
      </Stack>
    </Paper>
  );
}

function Change({ current, owner }: { current: Payouts["now"]; owner: string }) {
  const { token } = useSession();
  const passkey = useIsPasskey();
  const transact = useTransact();
  const queries = useQueryClient();
  const [failure, setFailure] = useState<Failure>();
  const [receiver, setReceiver] = useState(current.receiver === owner ? "" : current.receiver);
  const [lockSeconds, setLockSeconds] = useState(current.lockSeconds);
  const [problem, setProblem] = useState<string>();
  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong = payoutProblem(receiver, lockSeconds) ?? (passkey ? elsewhereProblem(receiver, owner) : undefined);
    setProblem(wrong);
    setFailure(undefined);
    if (wrong !== undefined) return;
    if (!passkey) transact(payoutPlan(owner, receiver, lockSeconds, current));
    else
      carriedPayoutPlan(owner, receiver, lockSeconds, current, pushFromNow).then(transact, (error: unknown) =>
        setFailure(explain(error)),
      );
  }
  /** What goes elsewhere may come by itself. */
  async function pushFromNow() {
    const { minimums } = await api.payouts(token);
    await api.choosePayouts(token, { wanted: true, minimums });
    await queries.invalidateQueries({ queryKey: ["pushes"] });
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Group align="end" grow preventGrowOverflow={false}>
          <TextInput
            miw={260}
            label="Payout address"
            description={passkey ? "A wallet, or a deposit address, that is yours" : "Empty: this wallet"}
            placeholder="0x…"
            value={receiver}
            onChange={(event) => setReceiver(event.currentTarget.value)}
            error={problem}
            styles={{ input: { fontFamily: "monospace" } }}
          />
          <Duration
            label="Lock"
            description="A change takes effect only after so long. 0: no lock."
            value={lockSeconds}
            onChange={setLockSeconds}
          />
        </Group>
        <Group justify="flex-end">
          <Button type="submit" variant="default">
            {current.lockSeconds === 0 ? "Set" : "Announce"}
          </Button>
        </Group>
        {failure !== undefined && <Failed failure={failure} />}
      </Stack>
    </form>
  );
}

function Orders() {
  const transact = useTransact();
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm" c="dimmed">
        Did you sign something that you did not mean to? What nobody has carried to the contract yet can be made void.
      </Text>
      <Button variant="default" size="sm" style={{ flexShrink: 0 }} onClick={() => transact(revokeOrdersPlan())}>
        Revoke signed orders
      </Button>
    </Group>
  );
}
