/** Orders of a brand's file, as the attester read them last. */
import type { Attributes, CustomerHistory } from "@partner-programs/protocol/conditions";
import type { Sql } from "#service/database.ts";

/** An order of a file. */
export interface FileOrder {
  readonly orderId: string;
  /** Empty: the file does not tell events apart. */
  readonly event: string;
  readonly volume: string;
  readonly currency?: string | undefined;
  readonly createdAt: number;
  /** "true", "false", or how much of the volume. */
  readonly refunded: string;
  /** For conditions on offers. */
  readonly said: {
    readonly attributes?: Attributes | undefined;
    /** What its customer had bought of the event before. */
    readonly customer?: CustomerHistory | undefined;
  };
}

/** Whether the file was read as it is: `stamp` names its state. */
export async function isFileRead(sql: Sql, file: string, stamp: string): Promise<boolean> {
  const rows = await sql.query("SELECT 1 FROM source_files WHERE file = $1 AND stamp = $2", [file, stamp]);
  return rows.length > 0;
}

/** Lets nobody else read a file in until the transaction ends. */
export async function lockFiles(sql: Sql): Promise<void> {
  await sql.query("LOCK TABLE source_files IN EXCLUSIVE MODE");
}

export async function deleteFileOrders(sql: Sql, file: string): Promise<void> {
  await sql.query("DELETE FROM source_orders WHERE file = $1", [file]);
}

/** @returns how many were written: fewer than given if an order stands there already */
export async function insertFileOrders(sql: Sql, file: string, orders: readonly FileOrder[]): Promise<number> {
  const written = await sql.query(
    `INSERT INTO source_orders (file, order_id, event, volume, created_at, refunded, said, currency)
     SELECT $1, * FROM unnest(
       $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::jsonb[], $8::text[])
     ON CONFLICT DO NOTHING RETURNING 1`,
    [
      file,
      orders.map((one) => one.orderId),
      orders.map((one) => one.event),
      orders.map((one) => one.volume),
      orders.map((one) => one.createdAt),
      orders.map((one) => one.refunded),
      orders.map((one) => JSON.stringify(one.said)),
      orders.map((one) => one.currency ?? null),
    ],
  );
  return written.length;
}

export async function setFileRead(sql: Sql, file: string, stamp: string): Promise<void> {
  await sql.query(
    `INSERT INTO source_files (file, stamp) VALUES ($1, $2)
     ON CONFLICT (file) DO UPDATE SET stamp = $2, read_at = now()`,
    [file, stamp],
  );
}

export async function readFileOrders(sql: Sql, file: string, orderIds: readonly string[]): Promise<FileOrder[]> {
  const rows = await sql.query<{
    order_id: string;
    event: string;
    volume: string;
    created_at: bigint;
    refunded: string;
    said: FileOrder["said"];
    currency: string | null;
  }>(
    `SELECT order_id, event, volume, created_at, refunded, said, currency FROM source_orders
     WHERE file = $1 AND order_id = ANY($2::text[])`,
    [file, [...orderIds]],
  );
  return rows.map(({ order_id, created_at, currency, ...row }) => ({
    ...row,
    currency: currency ?? undefined,
    orderId: order_id,
    createdAt: Number(created_at),
  }));
}
