/** Takes in a batch as it arrives, while there is room for it. */
import { MAX_CONVERSIONS, readBatch } from "@partner-programs/protocol/attesterApi";
import { NDJSON, UnreadableText } from "@partner-programs/protocol/ndjson";
import type { Context } from "hono";
import { Problem } from "#service/problem.ts";
import { Conversions } from "./conversions.ts";
import type { BatchInHand } from "./review.ts";
import { createRoom, type Room } from "./room.ts";

/** Room for the largest batch, and beside it for the small ones of other campaigns. */
export const createBatchRoom = (): Room => createRoom(MAX_CONVERSIONS + MAX_CONVERSIONS / 4);

/** Reads the batch of a request, does `work` with it, and keeps its room until that is done. @throws Problem if it is no batch */
export async function withBatch<T>(c: Context, room: Room, work: (batch: BatchInHand) => Promise<T>): Promise<T> {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== NDJSON)
    throw new Problem(415, `A batch is sent as ${NDJSON}, one JSON value a line; not as "${type ?? ""}".`);
  const body = c.req.raw.body;
  if (body === null) throw new Problem(400, "The body is empty: its first line is the attestation.");
  let leave: () => void = () => {};
  try {
    const batch = await readBatch(body, async ({ conversions }) => {
      leave = await room.enter(conversions);
      return new Conversions(conversions);
    });
    return await work(batch);
  } catch (error) {
    if (error instanceof UnreadableText) throw new Problem(error.tooLarge ? 413 : 400, error.message);
    throw error;
  } finally {
    leave();
  }
}
