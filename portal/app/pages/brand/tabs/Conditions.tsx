/** When offers pay: the conditions of a description in words, and a form for one more. */
import { Button, Group, NativeSelect, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { describeCondition, type OfferCondition } from "@partner-programs/protocol/conditions";
import { useState } from "react";
import { type ConditionDraft, conditionOf, EMPTY_CONDITION } from "#portal/app/campaign/conditionDraft.ts";

const FIELDS: readonly { readonly name: keyof ConditionDraft; readonly label: string; readonly placeholder: string }[] =
  [
    { name: "offers", label: "Offers, by number", placeholder: "1, 2" },
    { name: "monthsFrom", label: "Months since the customer's first, from", placeholder: "0" },
    { name: "monthsBelow", label: "and below", placeholder: "12" },
    { name: "products", label: "Products, one of", placeholder: "any" },
    { name: "minimumQuantity", label: "Quantity, at least", placeholder: "any" },
    { name: "firstDays", label: "In the partner's first days", placeholder: "always" },
  ];

export function Conditions({
  conditions,
  offerCount,
  change,
}: {
  conditions: readonly OfferCondition[];
  offerCount: number;
  change: (conditions: readonly OfferCondition[]) => void;
}) {
  const [draft, setDraft] = useState(EMPTY_CONDITION);
  const [problem, setProblem] = useState<string>();

  function add() {
    const made = conditionOf(draft, offerCount);
    if ("problem" in made) return setProblem(made.problem);
    setProblem(undefined);
    setDraft(EMPTY_CONDITION);
    change([...conditions, made.condition]);
  }

  return (
    <Stack gap="md">
      <div>
        <Title order={2}>When offers pay</Title>
        <Text size="sm" c="dimmed">
          An offer without a condition always may. Of those whose conditions hold, the one that pays most counts.
        </Text>
      </div>
      {conditions.map((condition, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may say the same, and none has a state of its own
        <Group key={i} justify="space-between">
          <Text size="sm">
            {condition.offers.length === 1 ? "Offer" : "Offers"} {condition.offers.join(", ")}:{" "}
            {describeCondition(condition)}
          </Text>
          <Button variant="default" size="xs" onClick={() => change(conditions.filter((_, at) => at !== i))}>
            Remove
          </Button>
        </Group>
      ))}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        {FIELDS.map(({ name, label, placeholder }) => (
          <TextInput
            key={name}
            label={label}
            placeholder={placeholder}
            value={draft[name]}
            onChange={({ currentTarget: { value } }) => setDraft((old) => ({ ...old, [name]: value }))}
          />
        ))}
        <NativeSelect
          label="The customer's purchase"
          value={draft.purchase}
          onChange={({ currentTarget: { value } }) =>
            setDraft((old) => ({ ...old, purchase: value as ConditionDraft["purchase"] }))
          }
          data={[
            { value: "", label: "any" },
            { value: "first", label: "the first" },
            { value: "renewal", label: "each after the first" },
          ]}
        />
      </SimpleGrid>
      {problem !== undefined && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
      <Group>
        <Button variant="default" size="xs" onClick={add}>
          Add a condition
        </Button>
      </Group>
    </Stack>
  );
}
