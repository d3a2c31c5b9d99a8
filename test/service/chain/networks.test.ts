import { readFileSync } from "node:fs";
import { expect } from "chai";
import {
  fromNetwork,
  NETWORKS,
  type Network,
  networkOf,
  sayNetwork,
  UNKNOWN_NETWORK,
} from "#service/chain/networks.ts";

const PAGE = readFileSync(new URL("../../../docs/relayer/running.md", import.meta.url), "utf8");
const cellsOf = (network: Network) =>
  [
    network.blockSeconds,
    network.CONFIRMATIONS,
    network.MAX_FEE_GWEI,
    network.PUSH_MAX_FEE_GWEI,
    network.BUMP_SECONDS,
    network.DEADLINE_SECONDS,
    network.READY_LAG_BLOCKS,
  ].map(String);

describe("what is known of networks", () => {
  it("stands on the relayer's page, with where it is from", () => {
    const rows = [...PAGE.matchAll(/^\| (\d+|any other) \| (.*) \|$/gm)].map(([, id = "", rest = ""]) => [
      id,
      ...rest.split(" | "),
    ]);
    const expected = [...NETWORKS].map(([id, network]) => [
      String(id),
      network.source === undefined ? network.name : `[${network.name}](${network.source})`,
      ...cellsOf(network),
    ]);
    expect(rows).to.deep.equal([...expected, ["any other", "unknown: said at the start", ...cellsOf(UNKNOWN_NETWORK)]]);
  });

  it("fits together: pushes are cheaper than what cannot wait, a deadline leaves room for what waits and for finality", () => {
    for (const network of [...NETWORKS.values(), UNKNOWN_NETWORK]) {
      const { name, blockSeconds, CONFIRMATIONS, DEADLINE_SECONDS, BUMP_SECONDS, READY_LAG_BLOCKS } = network;
      expect(Number(network.PUSH_MAX_FEE_GWEI), name).to.be.at.most(Number(network.MAX_FEE_GWEI));
      expect(DEADLINE_SECONDS, name)
        .to.be.above(2 * CONFIRMATIONS * blockSeconds)
        .and.at.most(86_400);
      expect(BUMP_SECONDS, name).to.be.above(3 * blockSeconds);
      expect(READY_LAG_BLOCKS * blockSeconds, name).to.be.within(60, 300);
    }
  });

  it("is taken for what is not set, and for nothing else", () => {
    expect(fromNetwork({ CONFIRMATIONS: 0, other: 1 } as { CONFIRMATIONS: number }, 8_453)).to.deep.equal({
      other: 1,
      CONFIRMATIONS: 0,
      MAX_FEE_GWEI: "5",
      PUSH_MAX_FEE_GWEI: "0.5",
      BUMP_SECONDS: 20,
      DEADLINE_SECONDS: 3_600,
      READY_LAG_BLOCKS: 60,
    });
    expect(fromNetwork({}, 4_242).CONFIRMATIONS).to.equal(UNKNOWN_NETWORK.CONFIRMATIONS);
    expect(networkOf(10).name).to.equal("OP Mainnet");
  });

  it("is said at the start where it is nothing", () => {
    const said: object[] = [];
    const log = { warn: (what: object) => void said.push(what) };
    for (const chainId of [...NETWORKS.keys(), 4_242]) sayNetwork(chainId, log);
    expect(said).to.deep.equal([{ chainId: 4_242, CONFIRMATIONS: 256, MAX_FEE_GWEI: "500" }]);
  });
});
