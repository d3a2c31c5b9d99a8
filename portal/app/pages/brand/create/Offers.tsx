/** Part of a campaign's form: token and offers. */
import { Button, Checkbox, Group, NativeSelect, Paper, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { FOR_ONE_PARTNER, KINDS, kindName, MAX_KIND } from "@partner-programs/protocol/kinds";
import { NATIVE } from "@partner-programs/protocol/native";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { OfferDraft } from "#portal/app/campaign/draft.ts";
import { toWords } from "#portal/app/campaign/newCampaign.ts";
import { useCampaigns } from "#portal/app/campaign/queries.ts";
import { isAddress } from "#portal/app/chain/address.ts";
import { describeToken, requireToken } from "#portal/app/chain/token.ts";
import { config } from "#portal/app/config.ts";
import { explain } from "#portal/app/text/failure.ts";
import { shortAddress } from "#portal/app/text/money.ts";
import { kindPlural, paidTo, sayPrice } from "#portal/app/text/words.ts";
import type { FormProps } from "./form.ts";

const OTHER = "other";

/** The token, and what is paid for. */
export function Offers({ draft, change, problem }: FormProps) {
  const add = () =>
    change({
      offers: [
        ...draft.offers,
        {
          id: Math.max(0, ...draft.offers.map(({ id }) => id)) + 1,
          event: "",
          title: "",
          kind: 0,
          partner: "",
          flat: "",
          ratePercent: "",
          cap: "",
          oncePerCustomer: true,
        },
      ],
    });
  return (
    <Stack gap="lg">
      <Title order={2}>What do you pay for?</Title>
      <TokenChoice draft={draft} change={change} problem={problem} />
      {draft.offers.map((offer) => (
        <OneOffer
          key={offer.id}
          offer={offer}
          draft={draft}
          error={problem(`offer-${offer.id}`)}
          change={(part) =>
            change({ offers: draft.offers.map((one) => (one.id === offer.id ? { ...one, ...part } : one)) })
          }
          {...(draft.offers.length > 1
            ? { remove: () => change({ offers: draft.offers.filter(({ id }) => id !== offer.id) }) }
            : {})}
        />
      ))}
      {problem("offers") !== undefined && (
        <Text c="var(--mantine-color-error)" size="sm" role="alert">
          {problem("offers")}
        </Text>
      )}
      <Group>
        <Button variant="default" onClick={add}>
          Add an offer
        </Button>
      </Group>
      <Checkbox.Group
        label="Who may take part without being listed?"
        description="Anyone of these kinds joins by itself. Choose none, and only partners that you list are paid."
        value={draft.openKinds.map(String)}
        onChange={(kinds) => change({ openKinds: kinds.map(Number) })}
      >
        <Group mt="xs">
          {[0, 1, 2].map((kind) => (
            <Checkbox key={kind} value={String(kind)} label={kindPlural(kind)} />
          ))}
        </Group>
      </Checkbox.Group>
    </Stack>
  );
}

function TokenChoice({ draft, change, problem }: FormProps) {
  const known = useProposed();
  // What the operator lists may not be described yet.
  const isListed = known.has(draft.token) || (config().tokens ?? []).includes(draft.token);
  const [other, setOther] = useState(draft.token !== "" && !isListed ? draft.token : "");
  const [choice, setChoice] = useState(draft.token === "" ? "" : isListed ? draft.token : OTHER);
  const [error, setError] = useState<string>();
  const wanted = choice === OTHER ? other.trim() : choice;

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked when another token is wanted, not when the form changes
  useEffect(() => {
    setError(undefined);
    if (!isAddress(wanted)) return change({ token: "", format: undefined });
    let current = true;
    requireToken(wanted).then(
      (format) => current && change({ token: wanted, format }),
      (failed: unknown) => {
        if (!current) return;
        change({ token: "", format: undefined });
        setError(explain(failed).title);
      },
    );
    return () => {
      current = false;
    };
  }, [wanted]);

  return (
    <Stack gap="xs">
      <NativeSelect
        label="Token"
        description="Budget and commissions are in this token. It can never be changed. A stablecoin keeps what you promise stable. Listed are those that this portal's operator knows: anybody can give a token any name."
        value={choice}
        onChange={(event) => setChoice(event.currentTarget.value)}
        data={[
          { value: "", label: "Choose" },
          ...[...known].map(([value, label]) => ({ value, label })),
          { value: OTHER, label: "Another token" },
        ]}
        error={choice === OTHER ? undefined : (error ?? problem("token"))}
      />
      {choice === OTHER && (
        <TextInput
          label="Token address"
          value={other}
          onChange={(event) => setOther(event.currentTarget.value)}
          error={error ?? problem("token")}
          placeholder="0x…"
        />
      )}
      {draft.format !== undefined && choice === OTHER && (
        <Text size="sm" c="dimmed">
          {draft.format.symbol}, {draft.format.decimals} decimals
        </Text>
      )}
    </Stack>
  );
}

/** Tokens to choose from: the operator's, in its order. On a chain of one's own machine those that there are. */
function useProposed(): ReadonlyMap<string, string> {
  const { tokens = [], local } = config();
  const listed = useQuery({
    queryKey: ["tokens", tokens],
    queryFn: () => Promise.all(tokens.map(async (token) => [token, (await describeToken(token)).symbol] as const)),
    enabled: tokens.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: false,
  });
  const campaigns = useCampaigns(undefined, local);
  const found = local ? (campaigns.data ?? []).map(({ token, tokenSymbol }) => [token, tokenSymbol] as const) : [];
  return new Map([
    ...(listed.data ?? []).map(([token, symbol]) => [token, `${symbol}, ${shortAddress(token)}`] as const),
    ...found,
    [NATIVE, "The network's coin (ETH)"],
  ]);
}

function OneOffer({
  offer,
  draft,
  change,
  remove,
  error,
}: {
  offer: OfferDraft;
  draft: FormProps["draft"];
  change: (part: Partial<OfferDraft>) => void;
  remove?: () => void;
  error: string | undefined;
}) {
  const symbol = draft.format?.symbol ?? "tokens";
  return (
    <Paper>
      <Stack gap="md">
        <OfferFields offer={offer} change={change} symbol={symbol} />
        <Checkbox
          label="Each customer counts once"
          checked={offer.oncePerCustomer}
          onChange={(event) => change({ oncePerCustomer: event.currentTarget.checked })}
        />
        {error === undefined ? (
          draft.format !== undefined && (
            <Text size="sm">
              Pays {paidTo(offer)} {sayPrice(toWords(offer, draft.format.decimals), draft.format)}.
            </Text>
          )
        ) : (
          <Text c="var(--mantine-color-error)" size="sm" role="alert">
            {error}
          </Text>
        )}
        {remove !== undefined && (
          <Group justify="flex-end">
            <Button variant="subtle" color="red" c="var(--mantine-color-error)" size="compact-sm" onClick={remove}>
              Remove
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

/** The fields of an offer; used to create a campaign, and to append an offer to one. */
export function OfferFields({
  offer,
  change,
  symbol,
}: {
  offer: OfferDraft;
  change: (part: Partial<OfferDraft>) => void;
  symbol: string;
}) {
  const text = (field: "event" | "partner" | "title" | "flat" | "ratePercent" | "cap") => ({
    value: offer[field],
    onChange: (event: { currentTarget: { value: string } }) => change({ [field]: event.currentTarget.value }),
  });
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <TextInput label="Event" description="As your server names it" {...text("event")} />
        <TextInput label="In words" description="As partners read it" {...text("title")} />
        <NativeSelect
          label="Paid to"
          description="Kind of partner, or one"
          value={String(offer.kind)}
          onChange={(event) => change({ kind: Number(event.currentTarget.value) })}
          data={[
            ...KINDS.map((_, kind) => ({ value: String(kind), label: kindPlural(kind) })),
            { value: String(FOR_ONE_PARTNER), label: "one partner alone" },
            ...Array.from({ length: MAX_KIND + 1 - KINDS.length }, (_, i) => ({
              value: String(KINDS.length + i),
              label: `your own ${kindName(KINDS.length + i)}`,
            })),
          ]}
        />
      </SimpleGrid>
      {offer.kind === FOR_ONE_PARTNER && (
        <TextInput
          label="The one partner"
          description="The address of its wallet. It is paid by this offer whatever its kinds, and nobody else is: a rate that the two of you agreed on."
          placeholder="0x…"
          styles={{ input: { fontFamily: "monospace" } }}
          {...text("partner")}
        />
      )}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <TextInput label={`Flat, ${symbol}`} description="For each conversion" inputMode="decimal" {...text("flat")} />
        <TextInput label="Percentage" description="Of what is paid" inputMode="decimal" {...text("ratePercent")} />
        <TextInput
          label={`Cap, ${symbol}`}
          description="The most of one sale that counts"
          inputMode="decimal"
          {...text("cap")}
        />
      </SimpleGrid>
    </>
  );
}
