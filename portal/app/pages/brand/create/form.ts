import type { Draft, Field } from "#portal/app/campaign/draft.ts";

/** What each page of the form works with. */
export interface FormProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly problem: (field: Field) => string | undefined;
}
