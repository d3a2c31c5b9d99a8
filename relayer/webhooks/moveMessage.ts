/** What a webhook's message says of a move, or of news. */
import { REASONS, type Reason } from "@partner-programs/protocol/reasons";
import { viewConversion } from "../conversionView.ts";
import type { ConversionRow } from "../store/conversionRow.ts";
import type { MoveRow } from "../store/deliveries.ts";
import type { NewsRow } from "../store/news.ts";
import { eventOf } from "./message.ts";

/**
 * The conversion as the API shows it, in the state that this move brought. The same whenever it is sent, but for what the chain
 * has changed of its number and batch since.
 */
export function moveMessage(move: MoveRow, row: ConversionRow): string {
  const conversion = viewConversion(row, "brand");
  return JSON.stringify({
    type: eventOf(move.state),
    timestamp: move.moved_at.toISOString(),
    data: {
      ...conversion,
      state: move.state,
      reason: move.reason,
      reasonText: move.reason === null ? null : (REASONS[move.reason as Reason] ?? move.reason),
      moves: conversion.moves.slice(0, Number(move.ordinal)),
      moveId: String(move.id),
    },
  });
}

/** The same whenever it is sent. */
export const newsMessage = ({ id, type, data, happened_at }: NewsRow): string =>
  JSON.stringify({ type, timestamp: happened_at.toISOString(), data: { ...data, newsId: String(id) } });
