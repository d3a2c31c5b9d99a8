/** Part of a campaign's form: which click counts, and for how long. */
import { NativeSelect, TextInput } from "@mantine/core";
import { DAY } from "#portal/app/campaign/draft.ts";
import { Duration } from "#portal/app/components/Duration.tsx";
import type { FormProps } from "./form.ts";

/** Whose click counts, and for how long. */
export function Attribution({ draft, change, problem }: FormProps) {
  const binding = draft.bindingSeconds === null ? "life" : draft.bindingSeconds === 0 ? "none" : "time";
  return (
    <>
      <Duration
        label="A click counts for"
        description="From the click to the conversion. As long as people take to decide."
        value={draft.windowSeconds}
        onChange={(windowSeconds) => change({ windowSeconds })}
        error={problem("windowSeconds")}
      />
      <NativeSelect
        label="When several partners brought a customer"
        description="Last pays who closed the sale; first protects who found the customer."
        value={draft.touch}
        onChange={(event) => change({ touch: event.currentTarget.value as "first" | "last" })}
        data={[
          { value: "last", label: "the last click counts" },
          { value: "first", label: "the first click counts" },
        ]}
      />
      <NativeSelect
        label="A customer stays with its partner"
        description="For what it buys later, without another click."
        value={binding}
        onChange={(event) =>
          change({
            bindingSeconds:
              { life: null, none: 0, time: 365 * DAY }[event.currentTarget.value] ??
              (event.currentTarget.value === "life" ? null : 0),
          })
        }
        data={[
          { value: "none", label: "not at all: each conversion needs a click" },
          { value: "time", label: "for a time" },
          { value: "life", label: "for life" },
        ]}
      />
      {binding === "time" && (
        <Duration
          label="It stays for"
          description="After its first conversion."
          value={draft.bindingSeconds ?? 0}
          onChange={(bindingSeconds) => change({ bindingSeconds })}
        />
      )}
    </>
  );
}

/** Whether partners register whom they know, and until when a prospect is theirs. */
export function LeadTimes({ draft, change, problem }: FormProps) {
  return (
    <>
      <TextInput
        label="A lead is its partner's for, days"
        description="Partners register whom they know and you do not; nobody else can, for so long. Empty: they do not."
        inputMode="numeric"
        value={draft.leadDays}
        onChange={(event) => change({ leadDays: event.currentTarget.value.trim() })}
        error={problem("leadDays")}
      />
      {draft.leadDays !== "" && (
        <TextInput
          label="You can reject a lead for, days"
          description="Silence is the partner's: after that it stays its own until its days are over."
          inputMode="numeric"
          value={draft.leadAnswerDays}
          onChange={(event) => change({ leadAnswerDays: event.currentTarget.value.trim() })}
          error={problem("leadAnswerDays")}
        />
      )}
    </>
  );
}

/** From how many conversions on a partner's are shown to the brand. */
export function Velocity({ draft, change, problem }: FormProps) {
  return (
    <TextInput
      label="Show me a partner's conversions above, an hour"
      description="More than this in an hour is flagged for your review; it is paid unless you object within the hold. Empty: never."
      inputMode="numeric"
      value={draft.velocityPerHour}
      onChange={(event) => change({ velocityPerHour: event.currentTarget.value })}
      error={problem("velocityPerHour")}
    />
  );
}
