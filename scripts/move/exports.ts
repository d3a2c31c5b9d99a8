/** Reads what another platform exported: a CSV file, or the JSON that its API answers. */
import { createReadStream, statSync } from "node:fs";
import { parseCsv } from "#service/csv.ts";
import { decodeText } from "#service/text.ts";
import type { Fields, Platform, Subject } from "./platforms.ts";

const MAX_BYTES = 256 * 1024 * 1024;

/** A record as it was found: each place in it, in small letters, with what stands there. */
type Found = ReadonlyMap<string, readonly string[]>;

export interface Partner {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly active: boolean;
  /** What stood in its links. */
  readonly tokens: readonly string[];
  /** What its customers typed. */
  readonly codes: readonly string[];
}

export interface Customer {
  readonly id: string;
  /** Id, e-mail address or token of the partner. */
  readonly partner: string;
}

export interface Commission {
  readonly id: string;
  readonly partner: string;
  /** As it is written in the file. */
  readonly amount: string;
  /** Whether it is a whole number of the currency's smallest unit: an API's are. */
  readonly minor: boolean;
  readonly currency: string;
  readonly state: string;
  readonly open: boolean;
}

/** What is read of a file: its records, from where each field was taken, and what nobody looked at. */
export interface Read<Item> {
  readonly file: string;
  readonly items: readonly Item[];
  /** Field → where it was found, in the order in which it was looked for. */
  readonly mapped: ReadonlyMap<string, readonly string[]>;
  readonly unread: readonly string[];
  /** Records that lack what they need, by number from 1, with what it is. */
  readonly broken: readonly string[];
}

export const readPartners = (platform: Platform, file: string) =>
  read(platform, "partners", file, ["id"], (one): Partner => {
    const state = one("state")[0];
    return {
      id: one("id")[0] as string,
      email: one("email")[0]?.toLowerCase() ?? "",
      name: one("name")[0] ?? "",
      active: state === undefined || platform.active.includes(state.toLowerCase()),
      tokens: severalIn(one("token")),
      codes: severalIn(one("code")),
    };
  });

export const readCustomers = (platform: Platform, file: string) =>
  read(
    platform,
    "customers",
    file,
    ["id", "partner"],
    (one): Customer => ({ id: one("id")[0] as string, partner: one("partner")[0] as string }),
  );

export const readCommissions = (platform: Platform, file: string) =>
  read(platform, "commissions", file, ["id", "partner", "amount", "state"], (one, json): Commission => {
    const state = (one("state")[0] as string).toLowerCase();
    return {
      id: one("id")[0] as string,
      partner: one("partner")[0] as string,
      amount: one("amount")[0] as string,
      minor: json,
      currency: one("currency")[0]?.toLowerCase() ?? "",
      state,
      open: platform.open.includes(state),
    };
  });

/** Lists stand in one cell of a file. */
const severalIn = (values: readonly string[]): string[] => [
  ...new Set(values.flatMap((value) => value.split(/[\s,;|]+/)).filter((value) => value !== "")),
];

async function read<Item>(
  platform: Platform,
  subject: Subject,
  file: string,
  needed: readonly string[],
  toItem: (one: (field: string) => readonly string[], json: boolean) => Item,
): Promise<Read<Item>> {
  const json = /\.json$/i.test(file);
  const records = json ? await readJson(file) : await readCsv(file);
  const fields: Readonly<Record<string, readonly string[]>> = platform[subject] satisfies Fields[Subject];
  const mapped = new Map<string, Set<string>>(Object.keys(fields).map((field) => [field, new Set()]));
  const taken = new Set<string>();
  const items: Item[] = [];
  const broken: string[] = [];
  for (const [index, record] of records.entries()) {
    const one = (field: string): readonly string[] => {
      for (const name of fields[field] ?? []) {
        const parts = name.split("+").map((part) => record.get(placeOf(part)) ?? []);
        if (parts.every((values) => values.length === 0)) continue;
        for (const part of name.split("+")) taken.add(placeOf(part));
        mapped.get(field)?.add(name);
        return parts.length === 1 ? (parts[0] as string[]) : [parts.flat().join(" ")];
      }
      return [];
    };
    const missing = needed.find((field) => one(field).length === 0);
    if (missing === undefined) items.push(toItem(one, json));
    else
      broken.push(`${subject} ${index + 1} has no ${missing}: it would be in ${(fields[missing] ?? []).join(", ")}.`);
  }
  const places = new Set(records.flatMap((record) => [...record.keys()]));
  return {
    file,
    items,
    mapped: new Map([...mapped].map(([field, names]) => [field, [...names]])),
    unread: [...places].filter((place) => !taken.has(place)),
    broken,
  };
}

/** `links[].token` and a head `Links Token` are one place. */
function placeOf(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/\[\]/g, "")
    .replace(/[\s.-]+/g, "_");
}

async function readCsv(file: string): Promise<Found[]> {
  requireSize(file);
  const found: Found[] = [];
  let head: string[] | undefined;
  for await (const [line, cells] of parseCsv(decodeText(createReadStream(file)))) {
    if (cells.every((cell) => cell.trim() === "")) continue;
    if (head === undefined) {
      head = cells.map(placeOf);
      continue;
    }
    if (cells.length > head.length)
      throw new Error(`${file}: line ${line} has ${cells.length} cells, and the first line names ${head.length}.`);
    const record = new Map<string, string[]>();
    for (const [i, cell] of cells.entries()) if (cell.trim() !== "") record.set(head[i] as string, [cell.trim()]);
    found.push(record);
  }
  if (head === undefined) throw new Error(`${file} is empty. Export it again, with the names of the columns.`);
  return found;
}

async function readJson(file: string): Promise<Found[]> {
  requireSize(file);
  let text = "";
  for await (const part of decodeText(createReadStream(file))) text += part;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}.`);
  }
  return listIn(file, value).map((item) => {
    const record = new Map<string, string[]>();
    gather(record, "", item);
    return record;
  });
}

/** The list in what an API answered: itself, or behind `data`, `items` or `results`. */
function listIn(file: string, value: unknown): unknown[] {
  let at: unknown = value;
  for (let depth = 0; depth < 3; depth++) {
    if (Array.isArray(at)) return at;
    if (typeof at !== "object" || at === null) break;
    const inner: Record<string, unknown> = { ...at };
    at = inner.data ?? inner.items ?? inner.results;
  }
  throw new Error(`${file} has no list: what an API answers has it itself, or behind data, items or results.`);
}

function gather(into: Map<string, string[]>, place: string, value: unknown, depth = 0): void {
  if (value === null || value === undefined || value === "" || depth > 8) return;
  if (Array.isArray(value)) for (const one of value) gather(into, place, one, depth + 1);
  else if (typeof value === "object")
    for (const [key, one] of Object.entries(value))
      gather(into, place === "" ? placeOf(key) : `${place}_${placeOf(key)}`, one, depth + 1);
  else into.set(place, [...(into.get(place) ?? []), String(value)]);
}

function requireSize(file: string): void {
  const { size } = statSync(file, { throwIfNoEntry: false }) ?? {};
  if (size === undefined) throw new Error(`There is no file ${file}.`);
  if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes, and ${MAX_BYTES} are read at most. Split it.`);
}
