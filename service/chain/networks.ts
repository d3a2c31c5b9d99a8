/**
 * What is known of networks, by chain id, so that an operator need not: each value can be set otherwise by its variable. The reasons stand
 * with the figures, and where they are from.
 */

/** What fits a network. The names are those of the variables that say otherwise. */
export interface NetworkSettings {
  /** A block with so many above it is taken as final; reorganisations up to that depth are rolled back. */
  readonly CONFIRMATIONS: number;
  /** No transaction pays more for a gas; and no push is begun while it costs more. */
  readonly MAX_FEE_GWEI: string;
  readonly PUSH_MAX_FEE_GWEI: string;
  /** A transaction that waits longer is sent again at a higher fee: some blocks. */
  readonly BUMP_SECONDS: number;
  /** How long a signed batch may be carried to the chain, and how long its numbers wait if it is not. */
  readonly DEADLINE_SECONDS: number;
  /** So many blocks behind the head is too far: about two minutes. */
  readonly READY_LAG_BLOCKS: number;
}

export interface Network extends NetworkSettings {
  readonly name: string;
  /** Seconds from one block to the next. */
  readonly blockSeconds: number;
  /** Where the figures are from; undefined: nobody's but ours. */
  readonly source: string | undefined;
}

/**
 * Careful, for a chain of which nothing is known: as deep as a chain of two seconds a block may go back while nobody has seen its batch, and
 * fees that no chain asks for in peace.
 */
export const UNKNOWN_NETWORK: Network = {
  name: "unknown",
  blockSeconds: 2,
  source: undefined,
  CONFIRMATIONS: 256,
  MAX_FEE_GWEI: "500",
  PUSH_MAX_FEE_GWEI: "20",
  BUMP_SECONDS: 60,
  DEADLINE_SECONDS: 3_600,
  READY_LAG_BLOCKS: 120,
};

/**
 * Blocks of two seconds that the sequencer alone orders; they are on Ethereum some minutes later, and final with it after 20 to 30. A gas
 * costs thousandths of a gwei: a gwei is the sign of a congestion, five that of a fault.
 */
const OP_STACK = {
  blockSeconds: 2,
  CONFIRMATIONS: 600,
  MAX_FEE_GWEI: "5",
  PUSH_MAX_FEE_GWEI: "0.5",
  BUMP_SECONDS: 20,
  DEADLINE_SECONDS: 3_600,
  READY_LAG_BLOCKS: 60,
} as const;

/** Slots of twelve seconds, final after two epochs of 32; so after 64, and a little more where a slot is missed. */
const ETHEREUM = {
  blockSeconds: 12,
  CONFIRMATIONS: 72,
  MAX_FEE_GWEI: "200",
  PUSH_MAX_FEE_GWEI: "5",
  BUMP_SECONDS: 90,
  DEADLINE_SECONDS: 7_200,
  READY_LAG_BLOCKS: 10,
} as const;

const BASE_DOCS = "https://docs.base.org/base-chain/network-information/transaction-finality";

export const NETWORKS: ReadonlyMap<number, Network> = new Map<number, Network>([
  [
    1,
    { name: "Ethereum", ...ETHEREUM, source: "https://ethereum.org/developers/docs/consensus-mechanisms/pos/gasper/" },
  ],
  [
    11_155_111,
    {
      name: "Sepolia",
      ...ETHEREUM,
      // Few validators, whose misses are no accident, and gas that is worth nothing.
      CONFIRMATIONS: 96,
      MAX_FEE_GWEI: "1000",
      PUSH_MAX_FEE_GWEI: "1000",
      source: "https://ethereum.org/developers/docs/consensus-mechanisms/pos/gasper/",
    },
  ],
  [8_453, { name: "Base", ...OP_STACK, source: BASE_DOCS }],
  [84_532, { name: "Base Sepolia", ...OP_STACK, MAX_FEE_GWEI: "1000", PUSH_MAX_FEE_GWEI: "1000", source: BASE_DOCS }],
  [10, { name: "OP Mainnet", ...OP_STACK, source: "https://docs.optimism.io/stack/transactions/transaction-finality" }],
  [
    42_161,
    {
      name: "Arbitrum One",
      blockSeconds: 0.25,
      // Five minutes, in which a batch is on Ethereum as a rule. A gas costs 0.02 gwei at least, also of the data on Ethereum.
      CONFIRMATIONS: 1_200,
      MAX_FEE_GWEI: "10",
      PUSH_MAX_FEE_GWEI: "1",
      BUMP_SECONDS: 20,
      DEADLINE_SECONDS: 3_600,
      READY_LAG_BLOCKS: 480,
      source: "https://docs.arbitrum.io/how-arbitrum-works/reference/finality-and-reorgs",
    },
  ],
  [
    137,
    {
      name: "Polygon PoS",
      blockSeconds: 2,
      // Milestones make blocks final within seconds; where they stand still only the checkpoint does, and forks were some dozens deep.
      CONFIRMATIONS: 256,
      // Its coin is worth little, and tips are tens of gwei.
      MAX_FEE_GWEI: "2000",
      PUSH_MAX_FEE_GWEI: "300",
      BUMP_SECONDS: 30,
      DEADLINE_SECONDS: 3_600,
      READY_LAG_BLOCKS: 60,
      source: "https://github.com/maticnetwork/Polygon-Improvement-Proposals/blob/main/PIPs/PIP-11.md",
    },
  ],
  [31_337, { ...UNKNOWN_NETWORK, name: "local", blockSeconds: 1, CONFIRMATIONS: 64, PUSH_MAX_FEE_GWEI: "500" }],
]);

/** What is known of a chain; of one that is not known, what is careful. */
export const networkOf = (chainId: number): Network => NETWORKS.get(chainId) ?? UNKNOWN_NETWORK;

const NAMES = [
  "CONFIRMATIONS",
  "MAX_FEE_GWEI",
  "PUSH_MAX_FEE_GWEI",
  "BUMP_SECONDS",
  "DEADLINE_SECONDS",
  "READY_LAG_BLOCKS",
] as const satisfies readonly (keyof NetworkSettings)[];

/** What the network says of each variable that was not set. */
export function fromNetwork<Given extends Partial<NetworkSettings>>(
  given: Given,
  chainId: number,
): Given & NetworkSettings {
  const network = networkOf(chainId);
  const settings = Object.fromEntries(NAMES.map((name) => [name, given[name] ?? network[name]]));
  return { ...given, ...(settings as unknown as NetworkSettings) };
}

/** Says at the start where nothing is known of the network. */
export function sayNetwork(chainId: number, log: { warn(said: object, text: string): void }): void {
  if (NETWORKS.has(chainId)) return;
  const { CONFIRMATIONS, MAX_FEE_GWEI } = UNKNOWN_NETWORK;
  log.warn(
    { chainId, CONFIRMATIONS, MAX_FEE_GWEI },
    "nothing is known of this network: careful defaults are taken for what is not set. Set what fits it",
  );
}
