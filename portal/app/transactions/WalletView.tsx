/** What the wallet will show, decoded: so that nobody signs what they cannot read. */
import { Code } from "@mantine/core";
import { encode, interfaceOf, plainly } from "./encode.ts";
import type { Step } from "./plan.ts";

/** A call as it will be signed: function, arguments by their names, value. */
export function WalletView({ step }: { step: Step }) {
  if (step.kind === "sign")
    return (
      <Code block tabIndex={0}>
        {JSON.stringify({ sign: step.message, under: step.domain, followedBy: step.next }, plainly, 2)}
      </Code>
    );
  if (step.kind === "carry") return null;
  const { to, data } = encode(step);
  const named = Object.fromEntries(
    (interfaceOf(step).getFunction(step.method)?.inputs ?? []).map((input, i) => [input.name, step.args[i]]),
  );
  return (
    <Code block tabIndex={0}>
      {`${step.method} of ${to}${step.value === undefined ? "" : `, with ${step.value} wei`}\n${JSON.stringify(named, plainly, 2)}\n\n${data.length > 330 ? `${data.slice(0, 330)}…` : data}`}
    </Code>
  );
}
