import { formatCount, formatDuration, formatError } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import type { Measures } from "../../tasks/index.js";
import type { Measured, PreparedTask } from "../../tasks/task.js";
import type { TrialRecord } from "../record.js";
import { isHessianFree } from "../spec.js";
import type { Drawn } from "./axes.js";

type Column = { readonly title: string; readonly of: (record: TrialRecord) => string };

/** Where Hessian-free takes part, how many updates each made and what they took. */
const counts: readonly Column[] = [
  { title: "Updates", of: ({ update }) => formatCount(update) },
  { title: "CG steps", of: ({ conjugateGradientSteps: steps }) => (steps === undefined ? "-" : formatCount(steps)) },
  { title: "Cases processed", of: ({ casesProcessed }) => formatCount(casesProcessed) },
  { title: "Time", of: ({ seconds }) => formatDuration(seconds) },
];

/** The results as a table for terminal and page. Its last row is what answering without looking at the inputs costs. */
export function resultTable(trials: readonly Drawn[], { columns, baseline }: PreparedTask): Table {
  const counted = trials.some(({ record }) => isHessianFree(record.spec)) ? counts : [];
  const errors = (measures: Measured | Measures | undefined): string[] =>
    columns.map(({ key }) => formatError((measures as Measured)?.[key]));
  const right = (title: string) => ({ title, align: "right" }) as const;
  return {
    columns: [
      { title: "Optimizer" },
      right("Learning rate"),
      ...columns.map(({ title }) => right(title)),
      ...counted.map(({ title }) => right(title)),
      right("ms per update"),
    ],
    rows: [
      ...trials.map(({ name, record }) => {
        const { spec, events = [], final, update, seconds, end } = record;
        const { learningRate } = spec.optimizer;
        const isChanged = events.some((event) => event.learningRate !== undefined);
        return [
          name,
          isChanged ? "changed" : typeof learningRate === "number" ? String(learningRate) : "scheduled",
          ...(end.code === "diverged" ? columns.map(() => "diverged") : errors(final)),
          ...counted.map(({ of }) => of(record)),
          update === 0 ? "-" : ((1000 * seconds) / update).toFixed(1),
        ];
      }),
      [baseline.name, "-", ...errors(baseline.measures), ...counted.map(() => "-"), "-"],
    ],
  };
}
