/** What stands beside a backup: what it holds, and by what it is known again. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { z } from "zod";

const manifest = z.strictObject({
  version: z.literal(1),
  madeAt: z.string(),
  /** How it is read again: by pg_restore, or as the folder of an embedded database. */
  format: z.enum(["pg_dump", "embedded"]),
  sha256: z.string(),
  owner: z.enum(["relayer", "attester"]),
  schema: z.int(),
  rows: z.record(z.string(), z.int()),
});

export type Manifest = z.output<typeof manifest>;

const pathOf = (backup: string) => `${backup}.json`;

export async function writeManifest(backup: string, content: Omit<Manifest, "version" | "sha256">): Promise<void> {
  const whole: Manifest = { version: 1, sha256: await hashOf(backup), ...content };
  await writeFile(pathOf(backup), `${JSON.stringify(whole, undefined, 2)}\n`, { flag: "wx" });
}

/** @throws Error if it is missing, or the backup is not the one that it was written for */
export async function readManifest(backup: string): Promise<Manifest> {
  const text = await readFile(pathOf(backup), "utf8").catch(() => {
    throw new Error(`There is no ${pathOf(backup)}: \`npm run backup\` writes it beside each backup. Bring both.`);
  });
  const read = manifest.parse(JSON.parse(text));
  const hash = await hashOf(backup);
  if (hash !== read.sha256)
    throw new Error(
      `${backup} has the SHA-256 ${hash}, and was written with ${read.sha256}: it is damaged, or another.`,
    );
  return read;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece);
  return hash.digest("hex");
}
