/** deploy/Dockerfile, as its stages. */
import { readFileSync } from "node:fs";
import { DockerfileParser, type Instruction, type ModifiableInstruction } from "dockerfile-ast";

export const DOCKERFILE = readFileSync(new URL("../../deploy/Dockerfile", import.meta.url), "utf8");

export interface Step {
  readonly keyword: string;
  readonly args: readonly string[];
  readonly flags: Readonly<Record<string, string>>;
  /** As it stands there, without the keyword. */
  readonly text: string;
}

export interface Stage {
  readonly name: string | undefined;
  readonly image: string;
  readonly steps: readonly Step[];
}

const isModifiable = (instruction: Instruction): instruction is ModifiableInstruction => "getFlags" in instruction;

/** The stages in their order; of the last the image is made. */
export function stagesOf(text: string): Stage[] {
  const stages: { name: string | undefined; image: string; steps: Step[] }[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword();
    const args = instruction.getArguments().map((argument) => argument.getValue());
    if (keyword === "FROM") {
      const [image = "", as, name] = args;
      stages.push({ name: as?.toUpperCase() === "AS" ? name : undefined, image, steps: [] });
      continue;
    }
    const flags = isModifiable(instruction)
      ? Object.fromEntries(instruction.getFlags().map((flag) => [flag.getName(), flag.getValue() ?? ""]))
      : {};
    stages.at(-1)?.steps.push({ keyword, args, flags, text: instruction.getArgumentsContent() ?? "" });
  }
  return stages;
}

/** What a stage copies out of the repository: each source with where it goes. */
export const copiesOf = (stage: Stage | undefined): { readonly from: string; readonly to: string }[] =>
  (stage?.steps ?? [])
    .filter(({ keyword, flags }) => keyword === "COPY" && flags.from === undefined)
    .flatMap(({ args }) => {
      const to = args.at(-1) ?? "";
      return args.slice(0, -1).map((from) => ({
        from,
        to: to.endsWith("/") ? `${to}${from.split("/").at(-1)}`.replace(/^\.\//, "") : to,
      }));
    });
