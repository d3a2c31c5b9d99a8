/** A partner in the brand's table: who it says it is, what the brand calls it, and its address. */
import { Anchor, Badge, Button, Group, Stack, Text } from "@mantine/core";
import type { Performance } from "#portal/app/api/schema.d.ts";
import { nameOf } from "#portal/app/campaign/partners.ts";
import { Partner } from "#portal/app/components/Partner.tsx";

/** Its picture is not loaded: whoever has it there would see who looks. */
export function Known({
  row: { partner, label, profile },
  short,
  edit,
  reached,
}: {
  row: Pick<Performance, "partner" | "profile" | "label">;
  short: string;
  /** Without it nobody labels it here. */
  edit: (() => void) | undefined;
  /** Without it the campaign has neither targets nor bonuses. */
  reached?: (() => void) | undefined;
}) {
  const name = nameOf(label, profile);
  const facts = [profile?.country, profile?.audience].filter((fact) => fact !== null && fact !== undefined);
  return (
    <Stack gap={2} align="flex-start" maw={260}>
      <Partner address={partner} name={name} short={short} />
      {facts.length > 0 && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere", unicodeBidi: "isolate" }}>
          {facts.join(" · ")}
        </Text>
      )}
      <Group gap={4}>
        {profile?.site != null && (
          <Anchor href={profile.site} target="_blank" rel="noreferrer nofollow ugc" size="xs">
            {new URL(profile.site).hostname}
          </Anchor>
        )}
        {label?.tags.map((tag) => (
          <Badge key={tag} size="xs" variant="default" tt="none">
            {tag}
          </Badge>
        ))}
        {edit !== undefined && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={edit}
            aria-label={`Label ${name ?? short}`}
            title={label?.note ?? undefined}
          >
            Label
          </Button>
        )}
        {reached !== undefined && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={reached}
            aria-label={`Targets and bonuses of ${name ?? short}`}
          >
            Targets
          </Button>
        )}
      </Group>
    </Stack>
  );
}
