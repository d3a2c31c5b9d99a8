/** A table that scrolls within itself, whose titles sort it, with what narrows it down above and its pages below. */
import { Button, Group, Paper, Table, Text, UnstyledButton } from "@mantine/core";
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
  /** By what the list is sorted where its title is chosen; without it it cannot be. */
  readonly sort?: string;
  /** What stands in the CSV file of a list that is all there; columns without it are left out. */
  readonly csv?: (row: Row) => string | number;
}

/** By what a list is sorted, the highest first. */
export interface Sorting {
  readonly by: string;
  readonly change: (by: string) => void;
}

/**
 * A table that scrolls within itself where it is too wide, by keyboard too. In a hand each row is a list of its own (app.css). `file`:
 * its name, where all that there is stands in it and can be saved from here.
 */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
  file,
  tools,
  sorting,
  empty = "Nothing here yet.",
  more,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  file?: string;
  tools?: ReactNode;
  sorting?: Sorting;
  empty?: string;
  more?: ReactNode;
}) {
  const shown = columns.filter(({ hidden }) => hidden !== true);
  return (
    <Paper p={0} style={{ overflow: "hidden" }}>
      <Group justify="space-between" px="lg" py="sm" mih={52}>
        <Text fw={600} size="sm">
          {caption}
        </Text>
        {tools}
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
                <Title key={column.title} column={column} sorting={sorting} />
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
          {empty}
        </Text>
      )}
      {more}
    </Paper>
  );
}

function Title<Row>({
  column: { title, number, sort },
  sorting,
}: {
  column: Column<Row>;
  sorting: Sorting | undefined;
}) {
  const sorts = sort !== undefined && sorting !== undefined;
  const chosen = sorts && sorting.by === sort;
  return (
    <Table.Th
      data-number={number}
      fz="xs"
      fw={550}
      c="dimmed"
      aria-sort={sorts ? (chosen ? "descending" : "none") : undefined}
    >
      {sorts ? (
        <UnstyledButton fz="xs" fw={chosen ? 700 : 550} onClick={() => sorting.change(sort)}>
          {title}
          <span aria-hidden="true">{chosen ? " ↓" : ""}</span>
        </UnstyledButton>
      ) : (
        title
      )}
    </Table.Th>
  );
}
