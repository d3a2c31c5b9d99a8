/** The gauges that deploy/monitoring/alerts.yaml goes by beside those of metrics.ts: how long something may still take, and what is left. */
import { Gauge, type Registry } from "prom-client";
import type { Sql } from "#service/database.ts";
import { countAnnounced, readAlarms } from "./store/alarms.ts";
import { readPaidByKind, readSpending } from "./store/outbox.ts";

/** Wei of a coin. */
const COIN = 1e18;

export interface AlarmGauges {
  /** What the database knows, and of wei `balance`, of the relayer's account, undefined while no node says it, and `gasADay`, if there is a cap. */
  read(sql: Sql, balance: bigint | undefined, gasADay?: bigint): Promise<void>;
}

export function createAlarmGauges(registry: Registry): AlarmGauges {
  const gauge = (name: string, help: string) => new Gauge({ name: `relayer_${name}`, help, registers: [registry] });
  const receipts = gauge(
    "receipts_seconds_left",
    "Seconds until the first receipt's date of a conversion that is not attested; absent while none waits.",
  );
  const stuck = gauge("outbox_oldest_seconds", "For how long the oldest transaction is not mined.");
  const balance = gauge("balance_coins", "What the relayer's account has to pay gas with, in whole coins.");
  const spent = gauge(
    "gas_spent_coins",
    "What gas cost within 24 hours, and what is under way can cost at most, in whole coins.",
  );
  const day = gauge("gas_day_coins", "GAS_COINS_A_DAY: how much that may be; absent without a cap.");
  const paid = new Gauge({
    name: "relayer_gas_paid_coins",
    help: "What gas cost within 24 hours, by what it was for, in whole coins.",
    labelNames: ["purpose"] as const,
    registers: [registry],
  });
  const low = gauge(
    "campaigns_budget_low",
    "Campaigns with an API key here that have less left than is promised and held.",
  );
  const exhausted = gauge("campaigns_budget_exhausted", "Of them, those with nothing left.");
  const bytes = gauge("database_bytes", "Size of the database on its disk.");
  const announced = new Gauge({
    name: "relayer_announced",
    help: "What brands with an API key here published or announced, by what it is.",
    labelNames: ["what"] as const,
    registers: [registry],
  });
  return {
    async read(sql, wei, gasADay) {
      const row = await readAlarms(sql);
      setOrRemove(receipts, row.receipts);
      stuck.set(Math.max(0, row.stuck ?? 0));
      setOrRemove(balance, wei === undefined ? null : Number(wei) / COIN);
      setOrRemove(day, gasADay === undefined ? null : Number(gasADay) / COIN);
      const spending = await readSpending(sql);
      spent.set(Number(spending.paid + spending.open) / COIN);
      paid.reset();
      for (const { kind, paid: cost } of await readPaidByKind(sql)) paid.set({ purpose: kind }, Number(cost) / COIN);
      low.set(Number(row.low));
      exhausted.set(Number(row.exhausted));
      bytes.set(Number(row.bytes));
      for (const { what, count } of await countAnnounced(sql)) announced.set({ what }, Number(count));
    },
  };
}

/** A gauge without a value is absent: 0 would be a lie. */
function setOrRemove(gauge: Gauge, value: number | null): void {
  if (value === null) gauge.remove();
  else gauge.set(value);
}
