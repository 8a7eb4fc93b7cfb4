import type { Pieces, Schedule } from "../../schedules/index.js";
import { maximumReachedAt } from "../../schedules/maximumReachedAt.js";
import { formatCount, formatCountOf, formatRate } from "./format.js";

/** "0.95, then 0.999 from update 5,000 on". */
export function describePieces<V>({ values, at }: Pieces<V>, describe: (value: V) => string): string {
  return values
    .map((value, i) => (i === 0 ? describe(value) : `then ${describe(value)} from update ${formatCount(at[i - 1])} on`))
    .join(", ");
}

/** A schedule in words; `updates` is the length of the run. */
export function describeSchedule(schedule: Schedule, updates: number): string {
  if (typeof schedule === "number") return formatRate(schedule);
  const { final } = schedule;
  if (final === undefined) return describeFormula(schedule, updates);
  const from = "updates" in final ? updates - final.updates : final.from;
  if (from >= updates) return describeFormula(schedule, updates);
  const last = updates - from;
  return (
    `${describeFormula(schedule, updates)}, ${formatRate(final.value)} for the last ` +
    `${last === 1 ? "update" : formatCountOf(last, "update")}`
  );
}

function describeFormula(schedule: Exclude<Schedule, number>, updates: number): string {
  switch (schedule.schedule) {
    case "constant":
      return formatRate(schedule.value);
    case "sutskever": {
      const reached = maximumReachedAt(schedule);
      const when = reached < updates ? `reached at update ${formatCount(reached)}` : "not reached in so few updates";
      return `up to ${formatRate(schedule.max)} by Eq. 5 with period ${formatCount(schedule.period)} (${when})`;
    }
    case "nesterov1983":
      return "1 - 3/(t + 5)";
    case "piecewise":
      return describePieces(schedule, (piece) => describeSchedule(piece, updates));
    case "inverse":
      return `min(${formatRate(schedule.max)}, ${formatRate(schedule.numerator)} / (t - ${formatCount(schedule.offset)}))`;
  }
}
