import { csvText } from "../report/text/csvText.js";
import { formatError } from "../report/text/format.js";
import type { Table } from "../report/text/table.js";

/** A statement of the paper, and what the numbers say of it. */
export interface Statement {
  readonly name: string;
  readonly title: string;
  /** What `value` is. */
  readonly measure: string;
  readonly value: number;
  /** The statement holds where `value` is at most this. */
  readonly limit: number;
  readonly holds: boolean;
}

/** A value that is no number is none that holds. */
export function statement(name: string, title: string, measure: string, value: number, limit: number): Statement {
  return { name, title, measure, value, limit, holds: value <= limit };
}

/** Results that have statements. */
interface WithStatements {
  readonly statements: readonly Statement[];
}

export function allHold({ statements }: WithStatements): boolean {
  return statements.every(({ holds }) => holds);
}

/** "All 13 statements hold.", "Both ...", or which do not. */
export function verdict({ statements }: WithStatements): string {
  const failed = statements.filter(({ holds }) => !holds);
  if (failed.length === 0) return `${statements.length === 2 ? "Both" : `All ${statements.length}`} statements hold.`;
  const titles = failed.map(({ title }) => title).join("; ");
  return `${failed.length} of ${statements.length} statements ${failed.length === 1 ? "does" : "do"} not hold: ${titles}.`;
}

/** Every statement with its verdict. */
export function statementTable({ statements }: WithStatements): Table {
  return {
    columns: [{ title: "Statement" }, { title: "Verdict" }, { title: "Found", align: "right" }, { title: "At most", align: "right" }],
    rows: statements.map(({ title, value, limit, holds }) => [
      title,
      holds ? "holds" : "DOES NOT HOLD",
      formatError(value),
      formatError(limit),
    ]),
  };
}

/** Every digit of them, for a file. */
export function statementsCsv({ statements }: WithStatements): string {
  return csvText(
    ["name", "value", "limit", "holds", "measure"],
    statements.map(({ name, value, limit, holds, measure }) => [name, value, limit, String(holds), measure]),
  );
}
