import type { Campaign } from "../../../api.ts";

export function Webhooks(_: { campaign: Campaign }) {
  return null;
}
