import { present } from "../../boundary/present.js";
import { shortenedSpec } from "../../sweeps/shortenedSpec.js";
import type { SweepPart } from "../../sweeps/sweep.js";
import { canonicalJson } from "../../sweeps/trialKey.js";
import { checkTrialSpec } from "../../trials/spec.js";
import type { SweepStudy } from "../study.js";
import type { Budget } from "./budget.js";

/** Where a number stands in a table of the paper. */
export interface Place {
  readonly row: string;
  readonly column: string;
}

/** A number of the paper that is not run here. */
export interface QuotedCell extends Place {
  readonly paper: number;
  /** Ours, where it is known without a trial. */
  readonly here?: number;
  /** What it is. */
  readonly remark: string;
}

/** A cell of a table: trials that differ in learning rate and seed alone, of which the best rate is shown. */
export interface PlannedCell extends Place {
  /** The trial at the paper's full size, without learning rate and seed. */
  readonly trial: { readonly optimizer: Readonly<Record<string, unknown>>; readonly [part: string]: unknown };
  readonly rates: readonly number[];
  /** What the paper prints, also before the final phase; left out where it does not. */
  readonly paper?: number;
  readonly paperBefore?: number;
}

/** How the trials of a table are judged. */
export interface TableMeasure {
  /** The measure at the end of a trial, and what it is called. */
  readonly key: string;
  readonly title: string;
  /** What a trial that diverged counts for: by default its learning rate is out. */
  readonly diverged?: "baseline";
  /** What the rounds of successive halving before the last are judged by, where the measure itself tells too little in them. */
  readonly rounds?: {
    readonly by: string;
    /** In a sentence: "Rounds before the last were judged by ...". */
    readonly words: string;
  };
}

/** "CURVES, NAG 0.999". */
export function nameOf({ row, column }: Place): string {
  return `${row}, ${column}`;
}

export const ratePath = "optimizer.learningRate";

/** The cells as a sweep: a part for each, whose trials are at the budget's fraction of their size. */
export function sweepOfCells(cells: readonly PlannedCell[], { fraction, seeds, pilot }: Budget, measure: TableMeasure) {
  const trials = cells.map((cell): SweepPart => {
    const { optimizer, ...trial } = cell.trial;
    const full = checkTrialSpec({ ...trial, optimizer: { ...optimizer, learningRate: cell.rates[0] }, seed: 1 });
    const seed = Array.from({ length: seeds }, (_, at) => at + 1);
    const short = shortenedSpec(full, fraction) as unknown as SweepPart["trial"];
    return { name: nameOf(cell), trial: short, grid: { [ratePath]: cell.rates, seed } };
  });
  return {
    trials,
    choose: present({ path: ratePath, by: measure.key, over: "seed", diverged: measure.diverged }),
    names: { [ratePath]: "rate" },
    ...(pilot === 0 ? {} : { pilot: present({ share: pilot, by: measure.rounds?.by }) }),
  } satisfies ReturnType<SweepStudy["plan"]>;
}

/** For every part that is the same trials as an earlier one: the name of that. */
export function sameParts(parts: readonly SweepPart[]): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const same = new Map<string, string>();
  for (const { name = "", trial, grid } of parts) {
    const identity = canonicalJson({ trial, grid });
    const earlier = first.get(identity);
    if (earlier === undefined) first.set(identity, name);
    else same.set(name, earlier);
  }
  return same;
}
