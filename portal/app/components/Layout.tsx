/** The frame of every page: navigation, the signed-in account, notes about the network. */
import {
  ActionIcon,
  Anchor,
  Box,
  Burger,
  Button,
  Container,
  Group,
  NavLink,
  Stack,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, type ReactNode, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { Link, useLocation } from "react-router";
import { config } from "../config.ts";
import { shortAddress } from "../text/money.ts";
import { onProposals, proposalsOf } from "../transactions/proposals.ts";
import { useWallet } from "../wallet/wallet.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { useFocusOnHeading } from "./focus.ts";
import { WrongNetwork } from "./WrongNetwork.tsx";

/** Dialogs are no part of a first page: loaded when somebody signs in, and kept, so that it closes as it opened. */
const SignIn = lazy(() => import("./SignIn.tsx"));
const Proposals = lazy(() => import("../transactions/Proposals.tsx"));
const AccountMenu = lazy(() => import("./AccountMenu.tsx"));

/** The frame of every page. */
export function Layout({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  const [opened, menu] = useDisclosure(false);
  const pages = [
    ["/", "Campaigns"],
    ["/partner", "Partner"],
    ["/brand", "Brand"],
    ...(config().local ? [["/local", "Demo"]] : []),
  ] as const;
  const isAt = (path = "") =>
    path === "/" ? pathname === "/" || pathname.startsWith("/campaigns") : pathname.startsWith(path);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever the page changes
  useEffect(() => menu.close(), [pathname]);
  useFocusOnHeading(pathname);

  return (
    <Box mih="100dvh" style={{ display: "flex", flexDirection: "column" }}>
      <Anchor href="#content" className="skip">
        Skip to content
      </Anchor>
      <Box
        component="header"
        style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}
        bg="var(--mantine-color-default)"
      >
        <Container size="lg">
          <Group h={60} justify="space-between" wrap="nowrap">
            <Group gap="xl" wrap="nowrap">
              <Anchor
                component={Link}
                to="/"
                aria-label="Partner Programs"
                underline="never"
                c="var(--mantine-color-text)"
              >
                <Group gap="xs" wrap="nowrap">
                  <img src="/icon.svg" alt="" width={26} height={26} />
                  <Text fw={650} visibleFrom="xs">
                    Partner Programs
                  </Text>
                </Group>
              </Anchor>
              <Group component="nav" aria-label="Pages" gap="lg" visibleFrom="sm" wrap="nowrap">
                {pages.map(([path, name]) => (
                  <Anchor
                    key={path}
                    component={Link}
                    to={path ?? "/"}
                    underline="never"
                    size="sm"
                    fw={isAt(path) ? 600 : 400}
                    c={isAt(path) ? "var(--mantine-color-text)" : "dimmed"}
                    aria-current={isAt(path) ? "page" : undefined}
                  >
                    {name}
                  </Anchor>
                ))}
              </Group>
            </Group>
            <Group gap="xs" wrap="nowrap">
              <SchemeToggle />
              <Account />
              <Burger
                opened={opened}
                onClick={menu.toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label="Pages"
                aria-expanded={opened}
              />
            </Group>
          </Group>
          {opened && (
            <Stack component="nav" aria-label="Pages" gap={0} pb="sm" hiddenFrom="sm">
              {pages.map(([path, name]) => (
                <NavLink key={path} component={Link} to={path ?? "/"} label={name} active={isAt(path)} />
              ))}
            </Stack>
          )}
        </Container>
        {config().local && (
          <Box bg="var(--mantine-color-yellow-light)" c="var(--mantine-color-yellow-light-color)" py={6}>
            <Container size="lg">
              <Text size="xs">
                A chain on this machine. Coins and dollars here are worth nothing; everything else is the real thing.
              </Text>
            </Container>
          </Box>
        )}
      </Box>
      <Container
        component="main"
        id="content"
        size="lg"
        py="xl"
        w="100%"
        flex={1}
        tabIndex={-1}
        style={{ outline: "none" }}
      >
        <WrongNetwork />
        <Proposed />
        <ErrorBoundary of={pathname}>{children}</ErrorBoundary>
      </Container>
      <Container component="footer" size="lg" w="100%" pb="xl">
        <Group gap="md">
          <Anchor size="xs" c="dimmed" href={new URL("/docs", config().apiUrl).href}>
            API description
          </Anchor>
          <Text size="xs" c="dimmed">
            {config().network}, contract {shortAddress(config().programs)}
          </Text>
        </Group>
      </Container>
      <SigningIn />
    </Box>
  );
}

/** What other owners of the account still have to sign, where there is any: only then the chain's code is loaded for it. */
function Proposed() {
  const account = useWallet().session?.address;
  const any = useSyncExternalStore(onProposals, () => account !== undefined && proposalsOf(account).length > 0);
  if (!any || account === undefined) return null;
  return (
    <Suspense fallback={null}>
      <Proposals account={account} />
    </Suspense>
  );
}

/** Stays once it was asked for: it closes as it opened. */
function SigningIn() {
  const { asking } = useWallet();
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (asking) setAsked(true);
  }, [asking]);
  if (!asked) return null;
  return (
    <Suspense fallback={null}>
      <SignIn />
    </Suspense>
  );
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const next = useComputedColorScheme("light") === "dark" ? "light" : "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      c="dimmed"
      size="lg"
      aria-label={`Switch to ${next} colours`}
      onClick={() => setColorScheme(next)}
    >
      <svg viewBox="0 0 20 20" width={18} height={18} fill="currentColor" aria-hidden="true">
        <path d="M10 2a8 8 0 1 0 0 16V2Z" />
        <path d="M10 2a8 8 0 0 1 0 16" fill="none" stroke="currentColor" strokeWidth="1.5" />
      </svg>
    </ActionIcon>
  );
}

function Account() {
  const { session, ask } = useWallet();
  if (session === undefined)
    return (
      <Button size="sm" onClick={() => ask()}>
        Sign in
      </Button>
    );
  const address = (
    <Button variant="default" size="sm" ff="monospace">
      {shortAddress(session.address)}
    </Button>
  );
  return (
    <Suspense fallback={address}>
      <AccountMenu>{address}</AccountMenu>
    </Suspense>
  );
}
