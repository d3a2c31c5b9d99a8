/** What the files of deploy/ give to each process, and whether that process takes it. */
import { readFileSync } from "node:fs";
import type { z } from "zod";
import { environment as attester } from "#attester/config.ts";
import { environment as portal } from "#portal/environment.ts";
import { environment as relayer } from "#relayer/config.ts";

export const ROOMS = { relayer, attester, portal } as const;
export type Room = keyof typeof ROOMS;

export const readDeploy = (path: string): string =>
  readFileSync(new URL(`../../deploy/${path}`, import.meta.url), "utf8");

/** Of the image, for every process. */
const OF_THE_IMAGE = new Set(["NODE_ENV", "ENV_FILE"]);

/** The room whose command this is. @throws Error for another command */
export function roomOf(command: string | undefined): Room {
  const [, room] = /^(\w+)\/main\.ts$/.exec(command ?? "") ?? [];
  if (room === undefined || !(room in ROOMS)) throw new Error(`"${command}" starts none of ${Object.keys(ROOMS)}.`);
  return room as Room;
}

export const portOf = (room: Room): number => ROOMS[room].shape.PORT.parse(undefined);

/** What is wrong with an environment: variables that the process does not have, that it needs, or whose value it would not take. */
export function faultsOf(room: Room, env: Readonly<Record<string, string>>): string[] {
  const shape = ROOMS[room].shape as Record<string, z.ZodType>;
  const faults = Object.keys(env)
    .filter((name) => !(name in shape) && !OF_THE_IMAGE.has(name) && !(room === "attester" && /^SOURCE_/.test(name)))
    .map((name) => `${room}: ${name} is not a variable of its`);
  for (const [name, type] of Object.entries(shape)) {
    const value = env[name] === "" ? undefined : env[name];
    const parsed = type.safeParse(value);
    if (parsed.success) continue;
    faults.push(value === undefined ? `${room}: ${name} is missing` : `${room}: ${name}=${value} is not taken`);
  }
  // Its key is in one place.
  const places = Object.keys(env).filter((name) => /_(PRIVATE_KEY|KEYSTORE|SIGNER_URL)$/.test(name));
  if (places.length !== (room === "portal" ? 0 : 1)) faults.push(`${room}: keys in ${places.join(", ") || "no place"}`);
  return faults;
}
