/** Who plays in the story. */
import type { JsonRpcProvider } from "ethers";
import {
  BRAND_ALONE,
  DEPLOYER,
  FIRST_BRAND,
  FIRST_PARTNER,
  FIRST_SHOP,
  OPERATOR,
  type Person,
  person,
  STRANGER,
} from "../people.ts";

const BRANDS = ["Streamly", "Ledgerly", "Boxfresh"];
const PARTNERS = "Ada Ben Cleo Dan Eve Finn Gus Hana Ivo Juno Kai Lena Max Nora".split(" ");

export interface Cast {
  readonly deployer: Person;
  readonly operator: Person;
  readonly stranger: Person;
  readonly brands: readonly [Person, Person, Person];
  /** A brand that is its own sole attester. */
  readonly alone: Person;
  /** Brands whose sales are read, at Stripe and at Shopify. */
  readonly shops: readonly [Person, Person];
  readonly partners: readonly Person[];
  /** Names, by address. */
  readonly names: ReadonlyMap<string, string>;
  partner(name: string): Person;
}

export function castOf(provider: JsonRpcProvider): Cast {
  const who = (name: string, index: number) => person(name, index, provider);
  const operator = who("operator", OPERATOR);
  const alone = who("Quillby", BRAND_ALONE);
  const brands = BRANDS.map((name, i) => who(name, FIRST_BRAND + i)) as [Person, Person, Person];
  const shops = [who("Tealeaf", FIRST_SHOP), who("Woolly", FIRST_SHOP + 1)] as const;
  const partners = PARTNERS.map((name, i) => who(name, FIRST_PARTNER + i));
  return {
    deployer: who("deployer", DEPLOYER),
    operator,
    stranger: who("a stranger", STRANGER),
    brands,
    alone,
    shops,
    partners,
    names: new Map([...partners, ...brands, alone, ...shops, operator].map(({ name, address }) => [address, name])),
    partner(name) {
      const found = partners.find((one) => one.name === name);
      if (found === undefined) throw new Error(`Nobody in the story is called ${name}.`);
      return found;
    },
  };
}
