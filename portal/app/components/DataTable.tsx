/** A table that scrolls within itself, and can be saved as CSV. */
import { Button, Group, Paper, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { saveCsv } from "../text/csv.ts";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Numbers stand to the right. */
  readonly number?: boolean;
  /** It is not broken into lines. */
  readonly whole?: boolean;
  /** In a hand it has a line of its own. */
  readonly wide?: boolean;
  /** It stands in the CSV file alone: the table shows it elsewhere. */
  readonly hidden?: boolean;
  /** What stands in the CSV file; columns without it are left out. */
  readonly csv?: (row: Row) => string | number;
}

/**
 * A table that scrolls within itself where it is too wide, by keyboard too, and that can be taken home as CSV. In a hand each row
 * is a list of its own (app.css).
 */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
  file,
  more,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  file?: string;
  more?: ReactNode;
}) {
  const shown = columns.filter(({ hidden }) => hidden !== true);
  return (
    <Paper p={0} style={{ overflow: "hidden" }}>
      <Group justify="space-between" px="lg" py="sm" mih={52}>
        <Text fw={600} size="sm">
          {caption}
        </Text>
        {file !== undefined && rows.length > 0 && (
          <Button size="compact-sm" variant="default" onClick={() => saveCsv(file, columns, rows)}>
            CSV
          </Button>
        )}
      </Group>
      <section
        aria-label={caption}
        style={{ overflowX: "auto" }} // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
        tabIndex={0}
      >
        <Table className="stacks" horizontalSpacing="lg">
          <Table.Thead>
            <Table.Tr>
              {shown.map((column) => (
                <Table.Th key={column.title} data-number={column.number} fz="xs" fw={550} c="dimmed">
                  {column.title}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={keyOf(row)}>
                {shown.map((column) => (
                  <Table.Td
                    key={column.title}
                    data-number={column.number}
                    data-title={column.title}
                    data-wide={column.wide}
                    style={column.number === true || column.whole === true ? { whiteSpace: "nowrap" } : undefined}
                  >
                    {column.cell(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
      {rows.length === 0 && (
        <Text c="dimmed" size="sm" ta="center" py="xl">
          Nothing here yet.
        </Text>
      )}
      {more}
    </Paper>
  );
}
