import { formatCount, formatError, formatRate } from "../../report/text/format.js";
import type { Table } from "../../report/text/table.js";
import { schedules, scheduleValue } from "../../schedules/index.js";
import { contestantNames, contestants } from "./speedUp.js";
import type { TheoremResult } from "./theorem.js";

const right = (title: string) => ({ title, align: "right" as const });

/** Deviations under a rotation. */
export function rotationTable({ rotation }: TheoremResult): Table {
  const row = (name: string, { parameters, velocities }: { readonly parameters: number; readonly velocities: number }) => [
    name,
    formatError(parameters),
    formatError(velocities),
  ];
  return {
    columns: [{ title: "Method" }, right("y - U x"), right("w - U v")],
    rows: [row("CM", rotation.classicalMomentum), row("NAG", rotation.nesterov)],
  };
}

/** The momentum of 1983 beside its approximation. */
export function momentumTable({ equivalence: { momenta } }: TheoremResult): Table {
  const approximate = schedules.nesterov1983();
  return {
    columns: [{ title: "t" }, right("a_t"), right("(t + 4)/2"), right("mu_t"), right("1 - 3/(t + 5)")],
    rows: momenta.map(({ t, a, momentum }) => [
      formatCount(t),
      a.toFixed(3),
      formatRate((t + 4) / 2),
      momentum.toFixed(5),
      scheduleValue(approximate, t).toFixed(5),
    ]),
  };
}

/** Iterations of every method for every condition number, what they grow by in the last decade, and the fitted exponents. */
export function speedUpTable({ speedUp: { conditionNumbers, iterations, exponents } }: TheoremResult): Table {
  const last = conditionNumbers.length - 1;
  const cells = (cell: (name: (typeof contestantNames)[number]) => string) => contestantNames.map(cell);
  return {
    columns: [{ title: "R" }, ...contestantNames.map((name) => right(contestants[name].label))],
    rows: [
      ...conditionNumbers.map((r, at) => [formatCount(r), ...cells((name) => formatCount(iterations[name][at]))]),
      ["Last decade", ...cells((name) => (iterations[name][last] / iterations[name][last - 1]).toFixed(2))],
      ["Exponent", ...cells((name) => exponents[name].toFixed(3))],
    ],
  };
}
