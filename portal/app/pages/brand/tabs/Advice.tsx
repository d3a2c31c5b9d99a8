import type { Campaign } from "../../../api.ts";

export default function Advice(_: { campaign: Campaign }) {
  return null;
}
