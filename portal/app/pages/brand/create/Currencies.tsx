/** Part of a campaign's form: which currencies sales may be in, and by which rates they are converted. */
import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { type CurrencyDraft, NEW_CURRENCIES } from "#portal/app/campaign/currencyDraft.ts";
import type { FormProps } from "./form.ts";

export function Currencies({ draft, change, problem }: FormProps) {
  const { currencies } = draft;
  const set = (part: Partial<CurrencyDraft>) => change({ currencies: { ...NEW_CURRENCIES, ...currencies, ...part } });
  return (
    <>
      <NativeSelect
        label="Sales are in"
        description="By which rates a sale in euros or yen becomes tokens is published: partners and attesters look them up themselves."
        value={currencies?.kind ?? ""}
        onChange={(event) => {
          const kind = event.currentTarget.value;
          if (kind === "feeds" || kind === "file") set({ kind });
          else change({ currencies: undefined });
        }}
        data={[
          { value: "", label: "tokens alone" },
          { value: "feeds", label: "other currencies, by price feeds on the chain" },
          { value: "file", label: "other currencies, by a signed file each day" },
        ]}
        error={currencies === undefined ? undefined : problem("currencies")}
      />
      {currencies !== undefined && (
        <>
          <TextInput
            label="One token counts as one"
            description="A sale in it is as many tokens. Feeds are in this currency."
            value={currencies.token}
            onChange={(event) => set({ token: event.currentTarget.value })}
          />
          <Textarea
            label="Currencies that sales may be in"
            description={currencies.kind === "feeds" ? "One a line, with its feed: EUR 0x…" : "One a line: EUR"}
            autosize
            minRows={2}
            value={currencies.lines}
            onChange={(event) => set({ lines: event.currentTarget.value })}
          />
          {currencies.kind === "feeds" ? (
            <TextInput
              label="Feed of what the token is worth"
              description="For a token that is no dollar or euro itself. Empty: it is always worth one."
              value={currencies.tokenFeed}
              onChange={(event) => set({ tokenFeed: event.currentTarget.value })}
            />
          ) : (
            <>
              <TextInput
                label="Where the file of a day is"
                description="With {day} in it: https://rates.example/{day}.json"
                value={currencies.url}
                onChange={(event) => set({ url: event.currentTarget.value.trim() })}
              />
              <TextInput
                label="Who signs the files"
                description="The address of the key."
                value={currencies.signer}
                onChange={(event) => set({ signer: event.currentTarget.value })}
              />
            </>
          )}
        </>
      )}
    </>
  );
}
