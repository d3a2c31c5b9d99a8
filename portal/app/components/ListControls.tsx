/** What stands above and below a list: what it is narrowed down by, its pages, and the whole of it as a file. */
import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { type ReactNode, useEffect, useState } from "react";
import { requireWhole, saveFile } from "../text/csv.ts";
import { explain, type Failure } from "../text/failure.ts";
import { Failed } from "./Failed.tsx";
import type { ListState } from "./listState.ts";

/** What is typed is asked for once somebody stops typing. */
const PAUSE_MS = 300;

export function Search({ label, value, change }: { label: string; value: string; change: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  const ask = useDebouncedCallback(change, PAUSE_MS);
  // The way back changes it as well.
  useEffect(() => setTyped((now) => (now.trim() === value ? now : value)), [value]);
  return (
    <TextInput
      size="xs"
      type="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      maxLength={100}
      w={{ base: "100%", xs: 220 }}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        ask(event.currentTarget.value.trim());
      }}
    />
  );
}

export function Choice({
  label,
  value,
  change,
  options,
}: {
  label: string;
  value: string;
  change: (value: string) => void;
  options: readonly (readonly [value: string, label: string])[];
}) {
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      data={options.map(([one, text]) => ({ value: one, label: text }))}
    />
  );
}

/** Days in UTC, both included. */
export function Days({
  from,
  to,
  change,
}: {
  from: string;
  to: string;
  change: (part: { from?: string; to?: string }) => void;
}) {
  return (
    <>
      <TextInput
        size="xs"
        type="date"
        aria-label="From (UTC)"
        title="From the beginning of this day on (UTC)"
        value={from}
        max={to === "" ? undefined : to}
        onChange={(event) => change({ from: event.currentTarget.value })}
      />
      <TextInput
        size="xs"
        type="date"
        aria-label="To (UTC)"
        title="Up to the end of this day (UTC)"
        value={to}
        min={from === "" ? undefined : from}
        onChange={(event) => change({ to: event.currentTarget.value })}
      />
    </>
  );
}

/** Nothing, where all is on one page. */
export function Pager({
  state,
  next,
  loading,
}: {
  state: Pick<ListState<Record<string, string>>, "cursor" | "next" | "first" | "previous">;
  next: string | null | undefined;
  loading: boolean;
}) {
  const onward = next ?? undefined;
  if (state.cursor === undefined && onward === undefined) return null;
  return (
    <Group justify="center" gap="xs" py="md" component="nav" aria-label="Pages">
      {state.cursor !== undefined && (
        <Button variant="default" size="xs" onClick={state.first}>
          First page
        </Button>
      )}
      {state.previous !== undefined && (
        <Button variant="default" size="xs" onClick={state.previous}>
          Previous page
        </Button>
      )}
      {onward !== undefined && (
        <Button variant="default" size="xs" loading={loading} onClick={() => state.next(onward)}>
          Next page
        </Button>
      )}
    </Group>
  );
}

/** Saves a file that the relayer writes: all that matches, and not what is on the page. */
export function Export({ name, take, label = "CSV" }: { name: string; take: () => Promise<Blob>; label?: string }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  async function save() {
    setBusy(true);
    setFailure(undefined);
    try {
      saveFile(name, await requireWhole(await take()));
    } catch (error) {
      setFailure(explain(error));
    }
    setBusy(false);
  }
  return (
    <Stack gap="xs" align="flex-end">
      <Button size="compact-sm" variant="default" loading={busy} onClick={save}>
        {label}
      </Button>
      {failure !== undefined && <Failed failure={failure} />}
    </Stack>
  );
}

/** A line of controls that breaks where there is no room. */
export function Controls({ children }: { children: ReactNode }) {
  return (
    <Group gap="xs" justify="flex-end">
      {children}
    </Group>
  );
}
