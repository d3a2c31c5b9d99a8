/** Opens the sources that an attester's rules name. */
import type { ProgramsChain } from "#service/chain/programs.ts";
import type { Database } from "#service/database.ts";
import { connectShopify } from "#sources/shopify/api.ts";
import { connectWooCommerce } from "#sources/woocommerce/api.ts";
import type { Finality } from "../chain/finality.ts";
import type { CampaignRules, SourceRules } from "../rules.ts";
import { createChainSource } from "./chain.ts";
import { createCsvSource } from "./csv.ts";
import { createOrdersSource } from "./orders.ts";
import { createShopSource } from "./shop.ts";
import type { OrderSource } from "./source.ts";
import { createStripeSource } from "./stripe.ts";

/** The sources that rules name: one for each description, so that what several campaigns share is asked within one limit. */
export function openSources(
  database: Database,
  env: NodeJS.ProcessEnv,
  /** For what is read from the chain: the attester's own node. */
  node: { readonly chain: Pick<ProgramsChain, "provenLogs" | "provider">; readonly finality: Finality },
): (rules: CampaignRules) => OrderSource | undefined {
  const opened = new Map<string, OrderSource | undefined>();
  return ({ source, currencies }) => {
    const name = JSON.stringify([source, currencies]);
    if (!opened.has(name)) opened.set(name, open(source, currencies));
    return opened.get(name);
  };

  function open(source: SourceRules, currencies: CampaignRules["currencies"]): OrderSource | undefined {
    if (source.kind === "none") return undefined;
    if (source.kind === "chain") return createChainSource({ ...source, ...node });
    if (source.kind === "csv") return createCsvSource(database, source.file);
    if (source.kind === "stripe")
      return createStripeSource({ ...source, currencies, key: env[source.keyVariable] as string });
    if (source.kind === "shopify" || source.kind === "woocommerce") {
      const { kind, keyVariable, shop, partners, ...options } = source;
      const connect = kind === "shopify" ? connectShopify : connectWooCommerce;
      return createShopSource(kind, {
        ...options,
        currencies,
        client: connect({ ...source, key: env[keyVariable] as string }),
      });
    }
    return createOrdersSource({ ...source, token: source.tokenVariable && env[source.tokenVariable] });
  }
}
