/** Ports that nobody listens on, and that nobody is given by chance while a server restarts. */
import { isFree } from "./processes.ts";

/**
 * Below the ports that systems give to outgoing connections (from 32,768 on Linux, from 49,152 elsewhere): one of those can be taken
 * by any connection in the moment between a server's end and its restart, and the restart fails.
 */
const FIRST = 12_000;
const SLOTS = 400;
const PORTS_OF_SLOT = 50;

/** Processes that run side by side look in different places. */
const slot = FIRST + (process.pid % SLOTS) * PORTS_OF_SLOT;
let next = 0;

/** Ports on which nothing listens now, each given once by this process until it comes round. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried++) {
    if (tried === PORTS_OF_SLOT)
      throw new Error(`Of ports ${slot} to ${slot + PORTS_OF_SLOT - 1} not ${count} are free.`);
    const port = slot + (next++ % PORTS_OF_SLOT);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}
