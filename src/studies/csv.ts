/** Rows under their names, as a file: one line each, ended by a line break. Text with commas must come quoted. */
export function csv(columns: readonly string[], rows: readonly (readonly (string | number | boolean)[])[]): string {
  return `${[columns, ...rows].map((row) => row.join(",")).join("\n")}\n`;
}
