import { written } from "../parts/lineChart.js";
import { table } from "../parts/table.js";

/**
 * The numbers that the paper prints, which a study carries as data: lists of rows become tables, a column for every number in a row, and
 * single numbers a table of their own.
 */
export function paperNumbers(paper: Readonly<Record<string, unknown>>): HTMLElement[] {
  const lists = Object.values(paper).filter((value): value is readonly object[] => Array.isArray(value) && value.every(isObject));
  const single = Object.entries(paper).filter(([, value]) => !Array.isArray(value));
  const tables = lists.map((rows) => {
    const flat = rows.map((row) => new Map(flattened(row)));
    const columns = [...new Set(flat.flatMap((row) => [...row.keys()]))];
    return table(
      columns.map(title),
      flat.map((row) => columns.map((column) => row.get(column) ?? "–")),
    );
  });
  const rest = single.flatMap(([name, value]) => flattened({ [name]: value }));
  return rest.length === 0
    ? tables
    : [
        ...tables,
        table(
          ["Number", "The paper"],
          rest.map(([name, value]) => [title(name), value]),
        ),
      ];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Members of members by their paths. */
function flattened(value: object, path = ""): [string, string][] {
  return Object.entries(value).flatMap(([key, member]): [string, string][] => {
    // Places in a list are counted from 1.
    const own = Array.isArray(value) ? `(${Number(key) + 1})` : key;
    const name = path === "" ? own : `${path} ${own}`;
    if (isObject(member)) return flattened(member, name);
    return [[name, typeof member === "number" ? written(member) : String(member)]];
  });
}

/** "hybridHessianFree" as "hybrid hessian free". */
function title(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
