/** The field for a time span. */
import { Group, NativeSelect, TextInput } from "@mantine/core";
import { useId, useState } from "react";
import { config } from "../config.ts";

const SIZES = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const;
type Unit = keyof typeof SIZES;

/** A time span: a number and its unit. */
export function Duration({
  label,
  description,
  error,
  value,
  onChange,
}: {
  label: string;
  description: string;
  error?: string | undefined;
  value: number;
  onChange: (seconds: number) => void;
}) {
  const units = (Object.keys(SIZES) as Unit[]).filter((unit) => config().local || unit === "days" || unit === "hours");
  const [unit, setUnit] = useState<Unit>(() => [...units].reverse().find((one) => value % SIZES[one] === 0) ?? "days");
  const id = useId();
  return (
    <Group align="end" gap="xs" wrap="nowrap">
      <TextInput
        id={id}
        flex={1}
        inputMode="numeric"
        label={label}
        description={description}
        error={error}
        inputWrapperOrder={["label", "description", "input", "error"]}
        value={String(value / SIZES[unit])}
        onChange={(event) => {
          const count = Number(event.currentTarget.value);
          if (Number.isFinite(count) && count >= 0) onChange(Math.round(count * SIZES[unit]));
        }}
      />
      <NativeSelect
        aria-label={`${label}: unit`}
        w={120}
        data={units}
        value={unit}
        onChange={(event) => {
          const next = event.currentTarget.value as Unit;
          onChange(Math.round((value / SIZES[unit]) * SIZES[next]));
          setUnit(next);
        }}
      />
    </Group>
  );
}
