/** An anvil process: the second chain program, which can reorganise. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { JsonRpcProvider } from "ethers";
import { endWithUs } from "./children.ts";
import { freePorts } from "./ports.ts";

/** A chain that can be reorganised, a process of its own. */
export interface Anvil {
  readonly url: string;
  readonly provider: JsonRpcProvider;
  rpc(method: string, ...parameters: unknown[]): Promise<unknown>;
  stop(): void;
}

/** The binary itself, not its wrapper: killing a wrapper leaves its child behind. @throws Error where there is none */
function binary(): string {
  const name = `@foundry-rs/anvil-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/anvil`);
  } catch {
    throw new Error(`This test reorganises a chain, and needs anvil: ${name} is not installed here.`);
  }
}

export async function startAnvil(...options: string[]): Promise<Anvil> {
  const [port] = await freePorts(1);
  const child = spawn(binary(), ["--port", String(port), "--silent", "--accounts", "30", ...options], {
    stdio: "ignore",
  });
  endWithUs(child);
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    const answered = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}',
    }).catch(() => undefined);
    if (answered?.ok) break;
    // However busy the machine is, it answers or it ends.
    if (child.exitCode !== null) throw new Error(`anvil ended with exit code ${child.exitCode}.`);
    await new Promise((wait) => setTimeout(wait, 50));
  }
  const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1, pollingInterval: 20 });
  return {
    url,
    provider,
    rpc: (method, ...parameters) => provider.send(method, parameters),
    stop() {
      provider.destroy();
      child.kill("SIGKILL");
    },
  };
}
