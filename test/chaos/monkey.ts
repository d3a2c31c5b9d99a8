import type { Cluster, Member } from "#harness/chaos/cluster.ts";
import { type Chance, pause } from "#harness/random.ts";

/** Between each two steps of a relayer's work, by the names that `crashPoint` has in it. */
const CRASH_POINTS = [
  "accepted",
  "asked",
  "signed",
  "attest.written",
  "attest.broadcast",
  "indexed",
  "rolledBack",
  "bumped",
  "reverse.written",
  "reverse.broadcast",
  "release.written",
  "release.broadcast",
  "releasing",
  "watched",
];
/** Less than CONFIRMATIONS: what the relayers are told to expect. */
const DEEPEST_REORGANISATION = 5;

export interface Monkey {
  /** How often each thing was done. */
  readonly done: ReadonlyMap<string, number>;
  /** Stops the trouble, and has everything running again. */
  calm(): Promise<void>;
}

/** Breaks something every now and then, until it is calmed. */
export function release(cluster: Cluster, chance: Chance, say: (line: string) => void): Monkey {
  const done = new Map<string, number>();
  let stopping = false;

  const restart = async (member: Member, env?: Record<string, string>) => {
    await member.kill();
    await pause(chance.below(2_500));
    await member.start(env);
  };
  const trouble: Record<string, () => Promise<void>> = {
    "kill a relayer": () => restart(chance.pick(cluster.relayers)),
    "kill both relayers": async () => {
      await Promise.all(cluster.relayers.map((relayer) => restart(relayer)));
    },
    "crash between two steps": async () => {
      const relayer = chance.pick(cluster.relayers);
      const point = chance.pick(CRASH_POINTS);
      // The other one is killed too, so that the work falls to the one that is going to die.
      await Promise.all(cluster.relayers.map((one) => one.kill()));
      await relayer.start({ CRASH_AT: point });
      await pause(2_000 + chance.below(3_000));
      for (const one of cluster.relayers) await one.start();
    },
    "kill an attester": () => restart(chance.pick(cluster.attesters)),
    "kill two attesters": async () => {
      const spared = chance.pick(cluster.attesters);
      await Promise.all(cluster.attesters.filter((one) => one !== spared).map((one) => restart(one)));
    },
    reorganise: async () => {
      await cluster.anvil.rpc("anvil_reorg", 1 + chance.below(DEEPEST_REORGANISATION), []);
    },
    "drop transactions": async () => {
      await cluster.anvil.rpc("anvil_dropAllTransactions");
    },
    "lose and delay calls": async () => {
      cluster.line.trouble = { lost: 0.3, delay: 400 };
      await pause(2_000 + chance.below(3_000));
      cluster.line.trouble = { lost: 0, delay: 0 };
    },
    "restart the database": () => cluster.restartDatabase(),
  };
  const names = Object.keys(trouble);

  const running = (async () => {
    while (!stopping) {
      await pause(500 + chance.below(2_000));
      if (stopping) break;
      const name = chance.pick(names);
      done.set(name, (done.get(name) ?? 0) + 1);
      say(name);
      await trouble[name]?.();
      // One that crashed by itself is started again, as a supervisor would.
      for (const one of [...cluster.relayers, ...cluster.attesters]) await one.start();
    }
  })();
  return {
    done,
    async calm() {
      stopping = true;
      await running;
      cluster.line.trouble = { lost: 0, delay: 0 };
      for (const one of [...cluster.relayers, ...cluster.attesters]) await one.start();
    },
  };
}
