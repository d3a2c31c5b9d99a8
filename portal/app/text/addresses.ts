/** Addresses in short, and told apart where they look alike: anybody can make one with another's ends. */

const HEAD = 4;
const TAIL = 4;

const short = (address: string, more: number) =>
  2 + HEAD + TAIL + 2 * more >= address.length
    ? address
    : `${address.slice(0, 2 + HEAD + more)}…${address.slice(-(TAIL + more))}`;

/** How each of these addresses is written in short, so that no two of them are written alike: with as many more characters as that takes. */
export function shortApart(addresses: readonly string[]): (address: string) => string {
  const written = new Map<string, string>();
  let left = [...new Set(addresses)];
  for (let more = 0; left.length > 0; more++) {
    const groups = Map.groupBy(left, (address) => short(address, more).toLowerCase());
    left = [...groups.values()].flatMap((group) => {
      const [only, ...others] = group;
      if (only === undefined || (others.length > 0 && more < 20)) return group;
      for (const one of group) written.set(one, short(one, more));
      return [];
    });
  }
  return (address) => written.get(address) ?? short(address, 0);
}
