import type { Place } from "./plannedCell.js";

/** A cell of the table. */
export interface TableCell extends Place {
  readonly name: string;
  readonly paper?: number;
  /** What the paper prints for the error before the final phase. */
  readonly paperBefore?: number;
  /** The name of an earlier cell whose trials are the same. */
  readonly sameAs?: string;
  /** complete: every trial that had to be run has been; partial: some; missing: none. */
  readonly state: "complete" | "partial" | "missing";
  /** The rate of the lowest error among those run in full; left out where there is none, as where all diverged. */
  readonly best?: TableCandidate;
  readonly candidates: readonly TableCandidate[];
  /** What answering without looking at the inputs costs on its task; left out while no trial has ended. */
  readonly baseline?: number;
}

/** From this share of the baseline on a number says that nothing was learned. */
export const nothingLearned = 0.9;

/** Whether the best of a cell is no better, from any of its seeds, than answering without looking at the inputs. */
export function hasLearnedNothing({ best, baseline }: TableCell): boolean {
  if (best?.error === undefined || baseline === undefined) return false;
  return best.trials.every(({ error }) => error !== undefined && error >= nothingLearned * baseline);
}

/** Whether the best of a complete cell is at an end of the rates tried, so that others beyond might be better, as in shorter trials. */
export function edgeOf(cell: TableCell): "largest" | "smallest" | undefined {
  const { state, best, candidates } = cell;
  const rates = candidates.map(({ rate }) => rate);
  if (state !== "complete" || best === undefined || rates.length < 2 || hasLearnedNothing(cell)) return undefined;
  if (best.rate === Math.max(...rates)) return "largest";
  return best.rate === Math.min(...rates) ? "smallest" : undefined;
}

/** How a complete cell without a number came to none. */
export interface Divergence {
  /** "diverged at every rate" */
  readonly words: string;
  /** That rates which did not diverge in rounds of successive halving were not run in full; otherwise left out. */
  readonly isOfChosen?: true;
}

/** How all trials came to no number of which a cell chose. */
export function divergenceOf({ candidates }: Pick<TableCell, "candidates">): Divergence {
  const own = candidates.filter(({ trials }) => trials.some(hasDiverged));
  const isOfAll = own.every(({ trials }) => trials.every(hasDiverged));
  const what = isOfAll ? "diverged" : "diverged, from some seeds at least,";
  if (own.length === candidates.length) return { words: `${what} at every rate` };
  return { words: `${what} at every rate that was run in full`, isOfChosen: true };
}

export function hasDiverged({ end }: Pick<TableTrial, "end">): boolean {
  return end === "diverged";
}

/** The trials of one learning rate. */
export interface TableCandidate {
  readonly rate: number;
  /** Of the updates of a trial in full. */
  readonly share: number;
  /** The mean over its trials; left out where one is missing, or diverged and is out. */
  readonly error?: number;
  readonly trials: readonly TableTrial[];
  /** Those of earlier rounds of successive halving; left out where there are none. */
  readonly earlier?: readonly TableTrial[];
}

/** One trial. */
export interface TableTrial {
  readonly key: string;
  readonly seed: number;
  /** Of the updates of a trial in full. */
  readonly share: number;
  readonly end: "finished" | "diverged" | "failed" | "damaged" | "stopped";
  /** Left out where it failed, or diverged and is out. */
  readonly error?: number;
  /** The error before the final phase. */
  readonly beforeFinal?: number;
  readonly updates?: number;
  readonly seconds?: number;
  /** Cases carried through the network, and Hessian-free's steps of conjugate gradient. */
  readonly casesProcessed?: number;
  readonly conjugateGradientSteps?: number;
  readonly failure?: string;
}
