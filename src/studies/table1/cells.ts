import { autoencoderRates, autoencoderTrial, momentumUpTo } from "../autoencoders/trial.js";
import type { PlannedCell, QuotedCell } from "../tables/plannedCell.js";
import { table1Maxima, table1Others, table1Paper } from "./paper.js";

/** Adam has rates of its own: what it moves a weight by does not depend on the size of the gradient. */
export const adamRates = [0.003, 0.001, 0.0003, 0.0001, 0.00003] as const;

/** What columns are called. */
export const nagColumn = (max: number): string => `NAG ${max}`;
export const cmColumn = (max: number): string => `CM ${max}`;

/** A cell of NAG in the row of a problem; `cases` are those of a quick look. */
export function nagCell({ row, nag }: (typeof table1Paper.rows)[number], max: (typeof table1Maxima)[number], cases?: number): PlannedCell {
  const trial = autoencoderTrial(row, { method: "nesterov", momentum: momentumUpTo(max) }, { cases });
  return { row, column: nagColumn(max), trial, rates: autoencoderRates, paper: nag[table1Maxima.indexOf(max)] };
}

/** All cells that are run. */
export function table1Cells(cases?: number): PlannedCell[] {
  return table1Paper.rows.flatMap((paper): PlannedCell[] => {
    const { row, sgd, cm } = paper;
    const trialOf = (optimizer: Readonly<Record<string, unknown>>) => autoencoderTrial(row, optimizer, { cases });
    return [
      { row, column: "SGD", trial: trialOf({ method: "sgd" }), rates: autoencoderRates, paper: sgd },
      ...table1Maxima.map((max) => nagCell(paper, max, cases)),
      ...table1Maxima.map((max, at): PlannedCell => {
        const trial = trialOf({ method: "classicalMomentum", momentum: momentumUpTo(max) });
        return { row, column: cmColumn(max), trial, rates: autoencoderRates, paper: cm[at] };
      }),
      { row, column: "Adam", trial: trialOf({ method: "adam" }), rates: adamRates },
    ];
  });
}

/** The columns that are quoted. */
export function table1Quoted(): QuotedCell[] {
  return table1Paper.rows.flatMap(({ row, others }) =>
    (Object.keys(others) as (keyof typeof others)[]).map((name) => ({ row, ...table1Others[name], paper: others[name] })),
  );
}
