/** What the parts of a campaign's form are given. */
import type { Draft } from "#portal/app/campaign/draft.ts";
import type { Field } from "#portal/app/campaign/draftProblems.ts";

/** What each page of the form works with. */
export interface FormProps {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly problem: (field: Field) => string | undefined;
}
