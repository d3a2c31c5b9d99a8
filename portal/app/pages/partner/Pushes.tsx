/** Credits that come by themselves: from which amount on, and whether at all. */
import { Button, Group, Stack, Switch, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/api.ts";
import type { PushSettings } from "../../api/schema.d.ts";
import { optOutPlan } from "../../campaign/payout.ts";
import { useCampaignsNamed, usePartnerships } from "../../campaign/queries.ts";
import { Explorer } from "../../components/Explorer.tsx";
import { Failed } from "../../components/Failed.tsx";
import { dateText } from "../../text/dates.ts";
import { explain, type Failure } from "../../text/failure.ts";
import { shortAddress } from "../../text/money.ts";
import { useTransact } from "../../transactions/transact.tsx";
import { useIsPasskey, useSession } from "../../wallet/wallet.tsx";

export function Pushes({ optedOut }: { optedOut: boolean }) {
  const { token, address } = useSession();
  const passkey = useIsPasskey();
  const transact = useTransact();
  const queries = useQueryClient();
  const [failure, setFailure] = useState<Failure>();
  const key = ["pushes", address];
  const pushes = useQuery({ queryKey: key, queryFn: () => api.payouts(token) });
  const save = async (choice: Pick<PushSettings, "wanted" | "minimums">) => {
    setFailure(undefined);
    await api.choosePayouts(token, choice).catch((error: unknown) => setFailure(explain(error)));
    await queries.invalidateQueries({ queryKey: key });
  };
  const shown = pushes.data;
  return (
    <Stack gap="sm">
      <Title order={3}>Paid without claiming</Title>
      {pushes.error !== null && shown === undefined && <Failed error={pushes.error} retry={pushes.refetch} />}
      {failure !== undefined && <Failed failure={failure} />}
      {shown !== undefined && shown.carried === null && (
        <Text size="sm">This relayer pushes nothing: you claim what is yours. Anybody may push it all the same.</Text>
      )}
      {shown !== undefined && shown.carried !== null && (
        <>
          <Switch
            label="This relayer pushes my credits to where I am paid, and pays the gas"
            checked={shown.wanted}
            onChange={() => save({ wanted: !shown.wanted, minimums: shown.minimums })}
          />
          {shown.wanted && <Minimums settings={shown} save={save} />}
          <Last settings={shown} />
        </>
      )}
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" c="dimmed">
          {optedOut
            ? "On the chain you said that nobody else may push what is yours."
            : "Anybody may push what is yours to where you are paid. You can say no on the chain, to everybody."}
        </Text>
        {!passkey && (
          <Button variant="default" size="sm" style={{ flexShrink: 0 }} onClick={() => transact(optOutPlan(!optedOut))}>
            {optedOut ? "Let others push" : "Let nobody push"}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

interface Part {
  readonly settings: PushSettings;
  readonly save: (choice: Pick<PushSettings, "wanted" | "minimums">) => Promise<void>;
}

/** From which amount on, token by token: those that the relayer pushes, or those of all campaigns. */
function Minimums({ settings, save }: Part) {
  const { data: partnerships } = usePartnerships();
  const campaigns = useCampaignsNamed(partnerships?.map(({ campaignId }) => campaignId));
  const symbols = new Map(campaigns.data?.map(({ token, tokenSymbol }) => [token, tokenSymbol]));
  const floor = new Map(settings.carried?.tokens?.map(({ token, minimum }) => [token, minimum]));
  const tokens = settings.carried?.tokens?.map(({ token }) => token) ?? [...symbols.keys()];
  const own = new Map(settings.minimums.map(({ token, minimum }) => [token, minimum]));
  return (
    <Stack gap="xs">
      {tokens.map((token) => (
        <OneMinimum
          key={`${token} ${own.get(token) ?? ""}`}
          symbol={symbols.get(token) ?? shortAddress(token)}
          floor={floor.get(token)}
          own={own.get(token)}
          save={(minimum) =>
            save({
              wanted: true,
              minimums: [
                ...settings.minimums.filter((one) => one.token !== token),
                ...(minimum === "" ? [] : [{ token, minimum }]),
              ],
            })
          }
        />
      ))}
    </Stack>
  );
}

function OneMinimum({
  symbol,
  floor,
  own,
  save,
}: {
  symbol: string;
  floor: string | undefined;
  own: string | undefined;
  save: (minimum: string) => Promise<void>;
}) {
  const [typed, setTyped] = useState(own ?? "");
  const wrong = typed === "" || /^\d{1,30}(\.\d{1,24})?$/.test(typed) ? undefined : "A number such as 49.90";
  function submit(event: FormEvent) {
    event.preventDefault();
    if (wrong === undefined) save(typed);
  }
  return (
    <form onSubmit={submit}>
      <Group align="end">
        <TextInput
          miw={200}
          inputMode="decimal"
          label={`From so many ${symbol} on`}
          description={floor === undefined ? "Empty: any amount" : `Empty: from ${floor} on, which is the least`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value.trim())}
          error={wrong}
        />
        <Button type="submit" variant="default" disabled={typed === (own ?? "")}>
          Set
        </Button>
      </Group>
    </form>
  );
}

const SAID = { accepted: "about to be sent", sent: "on its way", paid: "paid", failed: "given up" } as const;

function Last({ settings }: Pick<Part, "settings">) {
  const [last] = settings.pushes;
  if (last === undefined) return null;
  return (
    <Text size="sm" c="dimmed">
      Last of {dateText(last.createdAt)}: {SAID[last.state]}
      {last.problem !== null && `, ${last.problem}`}
      {last.transaction !== null && (
        <>
          {" "}
          in <Explorer transaction={last.transaction} />
        </>
      )}
    </Text>
  );
}
