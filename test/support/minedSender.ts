/** A sender on anvil, which answers a transaction before that is in a block, also where it mines by itself. */
import type { Anvil } from "#harness/anvil.ts";
import type { Sender } from "#relayer/chain/sender.ts";

/** In tries of 10 ms: so long it is left to anvil itself. */
const PATIENCE = 100;

/** The same sender, for a test that asks at once what became of it: where anvil mines by itself, nothing waits for a block after a call. */
export function minedSender(anvil: Anvil, { send, follow, ...rest }: Sender): Sender {
  const mined = async () => {
    if ((await anvil.rpc("anvil_getAutomine")) !== true) return;
    for (let tries = 0; Number(((await anvil.rpc("txpool_status")) as { pending: string }).pending) > 0; tries++) {
      // What a reorganisation threw out waits for somebody else's block.
      if (tries > PATIENCE) await anvil.rpc("anvil_mine", 1);
      await new Promise((done) => setTimeout(done, 10));
    }
  };
  return {
    ...rest,
    async send(...given) {
      await send(...given);
      await mined();
    },
    async follow() {
      await follow();
      await mined();
    },
  };
}
