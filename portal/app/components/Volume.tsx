/** What was sold: in tokens, and of a sale in its own currency in that, with the rate and where it stands. */
import { Text } from "@mantine/core";
import type { Conversion } from "../api/schema.d.ts";
import { amountText, moneyText, shortAddress, type TokenFormat } from "../text/money.ts";
import { rateText, saleText } from "../text/sales.ts";

type Sale = Pick<NonNullable<Conversion["sale"]>, "currency" | "volume" | "rate">;

/** @param symbol whether the token is named, where not all of a list is in one */
export function Volume({
  units,
  token,
  symbol = false,
  sale,
}: {
  units: string;
  token: TokenFormat;
  symbol?: boolean;
  sale?: Sale;
}) {
  const volume = symbol ? moneyText(units, token) : amountText(units, token);
  if (sale === undefined) return volume;
  return (
    <>
      <Text size="sm">{saleText(sale)}</Text>
      <Text size="xs" c="dimmed">
        {sale.rate === null ? "no rate yet" : volume}
      </Text>
      {sale.rate !== null && (
        <Text size="xs" c="dimmed" title={rateText(sale.currency, sale.rate, token)}>
          {rateText(sale.currency, sale.rate, token, shortAddress)}
        </Text>
      )}
    </>
  );
}
