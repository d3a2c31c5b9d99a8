/** Reads deployments/<network>.json, typed. */
import { existsSync, readFileSync } from "node:fs";
import { type Deployment, deployment } from "@partner-programs/protocol/deployments";
import { z } from "zod";

/** Reads a deployment file. @throws Error that names the file and what to do, if it is missing or malformed. */
export function readDeployment(file: string): Deployment {
  if (!existsSync(file))
    throw new Error(`There is no deployment file ${file}. Run \`npm run deploy -- --network <name>\` first.`);
  const parsed = deployment.safeParse(parseJson(file));
  if (!parsed.success) throw new Error(`${file} is not a deployment file: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} is not a deployment file: ${(error as Error).message}`);
  }
}
