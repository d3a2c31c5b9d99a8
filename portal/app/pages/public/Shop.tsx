/** The local stack's shop: plays a brand's site and its server. */
import { Alert, Button, Group, NativeSelect, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { capture } from "@partner-programs/sdk/browser";
import { type FormEvent, useState } from "react";
import { api } from "../../api/api.ts";
import type { Conversion } from "../../api/schema.d.ts";
import { shopKeys } from "../../api/shopKeys.ts";
import { nameOf, tokenOf } from "../../campaign/naming.ts";
import { useCampaignsNamed } from "../../campaign/queries.ts";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { config } from "../../config.ts";
import { explain, type Failure } from "../../text/failure.ts";
import { moneyText } from "../../text/money.ts";
import { sayState } from "../../text/words.ts";
import NotFound from "./NotFound.tsx";

// Before anything else reads or rewrites the address.
const referral = capture({ touch: "last" });

/** A brand's shop, for the local stack alone: what a customer sees after following an invite link. */
export default function Shop() {
  return config().local ? <Content /> : <NotFound />;
}

function Content() {
  useTitle("Demo shop");
  const keys = shopKeys();
  const campaigns = useCampaignsNamed(Object.keys(keys));
  const mine = (campaigns.data ?? []).filter(({ id }) => keys[id] !== undefined);
  const [chosen, setChosen] = useState("");
  const [volume, setVolume] = useState("49.90");
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [bought, setBought] = useState<Conversion>();
  const campaign = mine.find(({ id }) => id === chosen) ?? mine.at(-1);

  async function buy(event: FormEvent) {
    event.preventDefault();
    if (campaign === undefined) return;
    setBusy(true);
    setFailure(undefined);
    const customerId = crypto.randomUUID();
    try {
      setBought(
        await api.reportConversion(keys[campaign.id] ?? "", {
          event: campaign.description?.events[0]?.name ?? "signup",
          orderId: `demo-${customerId}`,
          customerId,
          volume,
          ...(referral === undefined ? {} : { referralToken: referral }),
        }),
      );
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Stack gap="lg" maw={560} mx="auto">
      <div>
        <Title order={1}>Demo shop</Title>
        <Text c="dimmed">
          You are a customer now. In the real world this is the brand's own site, and its server reports what you buy.
        </Text>
      </div>
      <Alert
        color={referral === undefined ? "yellow" : "green"}
        title={referral === undefined ? "You came without an invite link" : "You came by an invite link"}
      >
        {referral === undefined
          ? "Follow a partner's link to get here: otherwise nobody is paid."
          : "The link handed over a referral token; the shop sends it along with the order."}
      </Alert>
      {campaigns.data !== undefined && mine.length === 0 && (
        <Alert color="yellow" title="The shop has no API key">
          As the brand, make one under Settings of your campaign. In this demo the shop learns of it by itself.
        </Alert>
      )}
      <Paper>
        <form onSubmit={buy}>
          <Stack gap="md">
            {mine.length > 1 && (
              <NativeSelect
                label="Campaign"
                value={campaign?.id ?? ""}
                onChange={(event) => setChosen(event.currentTarget.value)}
                data={mine.map((one) => ({ value: one.id, label: nameOf(one) }))}
              />
            )}
            <TextInput
              label="Price"
              value={volume}
              onChange={(event) => setVolume(event.currentTarget.value)}
              inputMode="decimal"
            />
            <Group>
              <Button type="submit" loading={busy} disabled={campaign === undefined}>
                Buy as a new customer
              </Button>
            </Group>
          </Stack>
        </form>
      </Paper>
      <div aria-live="polite">
        {failure !== undefined && <Failed failure={failure} />}
        {bought !== undefined && campaign !== undefined && (
          <Alert
            color={bought.state === "rejected" ? "red" : "green"}
            title={bought.state === "rejected" ? "Bought, but nobody is paid" : "Bought"}
          >
            {bought.state === "rejected"
              ? bought.reasonText
              : `A commission of ${moneyText(bought.commission, tokenOf(campaign))} for the partner. ${sayState({ ...bought, attestBy: bought.receipt?.attestBy ?? null }).text}`}
          </Alert>
        )}
      </div>
    </Stack>
  );
}
