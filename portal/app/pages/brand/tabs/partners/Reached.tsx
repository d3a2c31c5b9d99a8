/** How far a partner is in the campaign's targets, and a bonus by the brand's own word where the description has such. */
import { Skeleton, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { Campaign } from "#portal/app/api/campaign.ts";
import { targetsApi } from "#portal/app/api/targets.ts";
import { tokenOf } from "#portal/app/campaign/naming.ts";
import { useAsked } from "#portal/app/components/asked.ts";
import { Dialog } from "#portal/app/components/Dialog.tsx";
import { Failed } from "#portal/app/components/Failed.tsx";
import { FormDialog } from "#portal/app/components/FormDialog.tsx";
import { Reaching } from "#portal/app/components/Reaching.tsx";
import { useRights } from "#portal/app/components/Rights.tsx";
import { toDecimal } from "#portal/app/text/money.ts";
import { fromTyped } from "#portal/app/text/typed.ts";
import { useSession } from "#portal/app/wallet/wallet.tsx";

interface Whose {
  readonly campaign: Campaign;
  readonly partner: string;
  readonly close: () => void;
}

export function Reached(props: Whose) {
  const { decides } = useRights();
  const title = "Targets and bonuses";
  if (props.campaign.description?.bonuses !== undefined && decides) return <Give {...props} title={title} />;
  return (
    <Dialog opened onClose={props.close} title={title}>
      <Standing {...props} />
    </Dialog>
  );
}

function Standing({ campaign, partner }: Whose) {
  const { token } = useSession();
  const progress = useAsked({
    queryKey: ["targets", campaign.id, partner],
    queryFn: () => targetsApi.progressOf(token, campaign.id, partner),
  });
  if (progress.error !== null) return <Failed error={progress.error} retry={progress.refetch} />;
  return (
    <Stack gap="lg">
      <Text size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
        {partner}
      </Text>
      {progress.data === undefined && <Skeleton h={60} />}
      {progress.data?.length === 0 && <Text size="sm">The campaign has no targets now.</Text>}
      {progress.data?.map((one) => (
        <Reaching key={`${one.name} ${one.period.name}`} progress={one} token={tokenOf(campaign)} />
      ))}
    </Stack>
  );
}

function Give({ title, ...whose }: Whose & { title: string }) {
  const { campaign, partner, close } = whose;
  const { token: session } = useSession();
  const queries = useQueryClient();
  const token = tokenOf(campaign);
  // The same, sent again after an answer that was lost, gives nothing more; another amount or reason is another bonus.
  const sent = useRef({ said: "", bonusId: "" });
  const [amount, setAmount] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const given = fromTyped(amount, token.decimals);
  const right = given !== undefined && given > 0n;
  const rules = campaign.description?.bonuses;
  return (
    <FormDialog
      title={title}
      action="Give the bonus"
      cancel="Close"
      close={close}
      ready={() => {
        setTried(true);
        return right && reason.trim() !== "";
      }}
      submit={async () => {
        const decimal = toDecimal(given ?? 0n, token.decimals);
        const said = JSON.stringify([decimal, reason.trim()]);
        if (sent.current.said !== said) sent.current = { said, bonusId: crypto.randomUUID() };
        const bonus = await targetsApi.give(session, campaign.id, {
          bonusId: sent.current.bonusId,
          partner,
          amount: decimal,
          reason: reason.trim(),
        });
        await queries.invalidateQueries({ queryKey: ["conversions"] });
        if (bonus.state === "rejected")
          throw new Error(`The bonus is not paid: ${bonus.stateReason ?? "it was rejected"}`);
      }}
    >
      <Standing {...whose} />
      <TextInput
        label={`A bonus by your own word, in ${token.symbol}`}
        description={`At most ${rules?.most} at once, and ${rules?.mostPerMonth} in a month for all partners. It goes the way of every commission, hold included.`}
        inputMode="decimal"
        value={amount}
        onChange={({ currentTarget: { value } }) => setAmount(value)}
        error={tried && !right ? "Write an amount above zero, such as 50." : undefined}
      />
      <Textarea
        label="Reason"
        description="The partner reads it."
        maxLength={500}
        autosize
        minRows={2}
        value={reason}
        onChange={({ currentTarget: { value } }) => setReason(value)}
        error={tried && reason.trim() === "" ? "Say what it is for." : undefined}
      />
    </FormDialog>
  );
}
