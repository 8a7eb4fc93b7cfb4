/** A column of a table: its heading and the side to which its cells are aligned (default: left). */
export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Rows of finished text, one cell per column. */
export interface Table {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
}

/** The table as aligned lines of text: headings, a rule, then the rows. */
export function textTable({ columns, rows }: Table): string {
  const widths = columns.map((column, at) => rows.reduce((most, row) => Math.max(most, row[at].length), column.title.length));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (columns[at].align === "right" ? cell.padStart(widths[at]) : cell.padEnd(widths[at])))
      .join("   ")
      .trimEnd();
  return [line(columns.map((column) => column.title)), widths.map((width) => "-".repeat(width)).join("   "), ...rows.map(line)].join("\n");
}
