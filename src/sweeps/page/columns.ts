import { formatCount, formatDuration, formatError, formatRate } from "../../report/text/format.js";
import { kindOf } from "../../tasks/index.js";
import type { SweepRow } from "../sweepResult.js";

/** A column of the table of trials: its values for people, and in full for programs. */
export interface SweepColumn {
  readonly title: string;
  readonly align?: "right";
  text(row: SweepRow): string;
  /** Undefined where there is none. */
  value(row: SweepRow): string | number | undefined;
}

/** The columns that a sweep's rows fill: what tells trials apart, then what came of them. */
export function sweepColumns(rows: readonly SweepRow[]): SweepColumn[] {
  const hasParts = rows.some(({ part }) => part !== "");
  const hasPilots = rows.some(({ pilot }) => pilot !== undefined);
  return [
    { title: "Trial", text: ({ key }) => key.slice(0, 12) || NONE, value: ({ key }) => key },
    ...(hasParts ? [plain("Part", ({ part }) => part)] : []),
    ...coordinateColumns(rows),
    ...(hasPilots
      ? [
          right(
            "Share",
            ({ pilot }) => pilot?.share ?? 1,
            ({ pilot }) => (pilot === undefined ? "full" : formatRate(pilot.share)),
          ),
        ]
      : []),
    plain("End", ({ state, record }) => record?.end.code ?? state),
    right(
      "Updates",
      ({ record }) => record?.update,
      ({ record }) => (record === undefined ? "-" : formatCount(record.update)),
    ),
    ...measureColumns(rows),
    right(
      "Lowest seen",
      ({ record }) => record?.best?.error,
      ({ record }) => formatError(record?.best?.error),
    ),
    right(
      "Time",
      ({ record }) => record?.seconds,
      ({ record }) => (record === undefined ? "-" : formatDuration(record.seconds)),
    ),
  ];
}

/** A cell of the text table that a column without a value has. */
const NONE = "-";

function plain(title: string, value: (row: SweepRow) => string): SweepColumn {
  return { title, text: value, value };
}

function right(title: string, value: SweepColumn["value"], text: (row: SweepRow) => string): SweepColumn {
  return { title, align: "right", text, value };
}

/** One for every path of the grids, in the order in which the rows have them. */
function coordinateColumns(rows: readonly SweepRow[]): SweepColumn[] {
  const titles = new Map<string, string>();
  for (const { coordinates } of rows) for (const { path, title } of coordinates) titles.set(path, title);
  return [...titles].map(([path, title]) => {
    const find = ({ coordinates }: SweepRow) => coordinates.find((coordinate) => coordinate.path === path)?.name;
    return { title, text: (row) => find(row) ?? NONE, value: find };
  });
}

/** One for every measure that a record has at its end. */
function measureColumns(rows: readonly SweepRow[]): SweepColumn[] {
  const titles = new Map<string, string>();
  for (const { spec, record } of rows) {
    if (record?.final === undefined) continue;
    const { measures } = kindOf(spec.task);
    for (const key of Object.keys(record.final)) titles.set(key, measures.find((measure) => measure.key === key)?.title ?? key);
  }
  return [...titles].map(([key, title]) => {
    const find = ({ record }: SweepRow): number | undefined => (record?.final as Record<string, number> | undefined)?.[key];
    return right(title, find, (row) => (row.record?.end.code === "diverged" ? "diverged" : formatError(find(row))));
  });
}
