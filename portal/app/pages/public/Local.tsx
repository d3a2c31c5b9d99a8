/** Where somebody new begins on the local stack. */
import { Alert, Anchor, Badge, Button, Group, List, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { Failed } from "../../components/Failed.tsx";
import { useTitle } from "../../components/hooks.ts";
import { config } from "../../config.ts";
import { explain, type Failure } from "../../text/failure.ts";
import { DEMO_WALLETS, type DemoWallet, demoRdns } from "../../wallet/localWallets.ts";
import { useWallet } from "../../wallet/wallet.tsx";
import NotFound from "./NotFound.tsx";

/** Where somebody new begins on the local stack: wallets that are ready, and what to do with them. */
export default function Local() {
  return config().local ? <Content /> : <NotFound />;
}

function Content() {
  useTitle("Demo");
  return (
    <Stack gap="xl">
      <Stack gap="xs" maw={700}>
        <Title order={1}>Try it: from a budget to a claim</Title>
        <Text c="dimmed">
          This chain runs on your machine and has demo wallets ready. Their keys are public: never use them, or send
          anything to them, on a real network.
        </Text>
      </Stack>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {DEMO_WALLETS.map((wallet) => (
          <OneWallet key={wallet.index} wallet={wallet} />
        ))}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Paper>
          <Title order={2} mb="sm">
            In half a minute: claim
          </Title>
          <List type="ordered" size="sm" spacing="xs">
            <List.Item>Be Gus, whose commissions are released and wait for him.</List.Item>
            <List.Item>Press “Claim without gas”, and sign; or “Claim all”, with gas of his own.</List.Item>
            <List.Item>Open a conversion's “Check”, and see your browser prove it.</List.Item>
          </List>
        </Paper>
        <Paper>
          <Title order={2} mb="sm">
            In three minutes: all of it
          </Title>
          <List type="ordered" size="sm" spacing="xs">
            <List.Item>
              Be your brand: create a campaign in DUSD (get demo dollars in its last step), then make an API key under
              Settings.
            </List.Item>
            <List.Item>Be your partner: join the campaign, and copy your link.</List.Item>
            <List.Item>
              Follow the link as a customer would. It leads to the{" "}
              <Anchor component={Link} to="/local/shop" inherit underline="always">
                demo shop
              </Anchor>
              : buy something.
            </List.Item>
            <List.Item>Watch the conversion pass its hold of 20 seconds, and claim.</List.Item>
          </List>
        </Paper>
      </SimpleGrid>
    </Stack>
  );
}

function OneWallet({ wallet }: { wallet: DemoWallet }) {
  const { wallets, signIn, session } = useWallet();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const found = wallets.find(({ info }) => info.rdns === demoRdns(wallet.index));
  async function use() {
    if (found === undefined) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await signIn(found);
      await navigate(
        wallet.role === "brand"
          ? wallet.index === 31
            ? "/brand/new"
            : "/brand"
          : wallet.index === 32
            ? "/"
            : "/partner",
      );
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Paper>
      <Stack gap="sm" justify="space-between" h="100%">
        <div>
          <Group gap="xs" mb={4}>
            <Title order={2}>{wallet.name}</Title>
            <Badge color={wallet.role === "brand" ? "indigo" : "green"}>{wallet.role}</Badge>
            <Badge color="yellow">demo only</Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {wallet.about}
          </Text>
        </div>
        <Group>
          <Button
            variant={session?.rdns === demoRdns(wallet.index) ? "filled" : "default"}
            onClick={use}
            loading={busy}
          >
            Be{" "}
            {wallet.name === "Your brand"
              ? "your brand"
              : wallet.name === "Your partner"
                ? "your partner"
                : wallet.name}
          </Button>
        </Group>
        {failure !== undefined && <Failed failure={failure} />}
        {found === undefined && <Alert color="yellow">This demo wallet did not start. Reload the page.</Alert>}
      </Stack>
    </Paper>
  );
}
