/** Who the partner is, as its brands see it. */
import { Button, Checkbox, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/api.ts";
import type { OwnProfile } from "../../api/schema.d.ts";
import { Failed } from "../../components/Failed.tsx";
import { explain, type Failure } from "../../text/failure.ts";
import { useSession } from "../../wallet/wallet.tsx";

export function ProfileForm() {
  const { token, address } = useSession();
  const profile = useQuery({
    queryKey: ["profile", address],
    queryFn: () => api.profile(token),
  });
  return (
    <Paper component="section" aria-label="Who you are">
      <Stack gap="md">
        <div>
          <Title order={2}>Who you are</Title>
          <Text size="sm" c="dimmed">
            Said once, for all your campaigns. Their brands see it instead of an address, and nobody else does, unless
            you say so below.
          </Text>
        </div>
        {profile.error !== null && profile.data === undefined && (
          <Failed error={profile.error} retry={profile.refetch} />
        )}
        {profile.data !== undefined && <Fields key={address} known={profile.data} />}
      </Stack>
    </Paper>
  );
}

const FIELDS = [
  ["name", "Name", { required: true, maxLength: 60, autoComplete: "organization" }],
  ["site", "Site", { type: "url", placeholder: "https://…", maxLength: 500 }],
  ["picture", "Picture", { type: "url", placeholder: "https://…", maxLength: 500 }],
  ["audience", "Your audience", { placeholder: "People who cook at home", maxLength: 300 }],
  ["country", "Country", { placeholder: "CH", maxLength: 2, description: "Two letters" }],
] as const;

function Fields({ known }: { known: OwnProfile | null }) {
  const { token } = useSession();
  const queries = useQueryClient();
  const [typed, setTyped] = useState<Record<string, string>>(() =>
    Object.fromEntries(FIELDS.map(([field]) => [field, known?.[field] ?? ""])),
  );
  const [onLeaderboards, setOnLeaderboards] = useState(known?.onLeaderboards ?? false);
  const [failure, setFailure] = useState<Failure>();
  const [saved, setSaved] = useState(false);
  async function submit(event: FormEvent) {
    event.preventDefault();
    setFailure(undefined);
    const of = (field: string) => typed[field]?.trim() || null;
    try {
      await api.saveProfile(token, {
        name: of("name") ?? "",
        site: of("site"),
        picture: of("picture"),
        audience: of("audience"),
        country: of("country")?.toUpperCase() ?? null,
        onLeaderboards,
      });
      setSaved(true);
      await queries.invalidateQueries({ queryKey: ["profile"] });
    } catch (error) {
      setFailure(explain(error));
    }
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {FIELDS.map(([field, label, more]) => (
          <TextInput
            key={field}
            label={label}
            {...more}
            value={typed[field] ?? ""}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setSaved(false);
              setTyped((before) => ({ ...before, [field]: value }));
            }}
          />
        ))}
        <Checkbox
          label="Show my name on campaigns' leaderboards"
          description="To their other partners, or to everybody where a campaign's is public. Without it a place of yours has no name."
          checked={onLeaderboards}
          onChange={({ currentTarget: { checked } }) => {
            setSaved(false);
            setOnLeaderboards(checked);
          }}
        />
        {failure !== undefined && <Failed failure={failure} />}
        <Group justify="flex-end">
          <Text size="sm" c="dimmed" role="status">
            {saved ? "Saved" : ""}
          </Text>
          <Button type="submit" variant="default">
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
