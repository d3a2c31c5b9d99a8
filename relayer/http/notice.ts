/** Why a campaign accepts no conversion now, as links and partnerships show it. */

import { z } from "@hono/zod-openapi";
import { NOT_ACCEPTING, type NotAccepting } from "@partner-programs/protocol/notAccepting";

export const noticeFields = {
  notice: z
    .enum(Object.keys(NOT_ACCEPTING) as [NotAccepting, ...NotAccepting[]])
    .nullable()
    .openapi({ description: "Why the campaign accepts no conversion now; its links lead on all the same." }),
  noticeText: z.string().nullable(),
};

/** The code with its sentence. */
export function toNotice(notice: NotAccepting | null) {
  return { notice, noticeText: notice === null ? null : NOT_ACCEPTING[notice] };
}
