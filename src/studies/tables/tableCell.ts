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
}

/** The trials of one learning rate. */
export interface TableCandidate {
  readonly rate: number;
  /** Of the updates of a trial in full. */
  readonly share: number;
  /** The mean over its trials; left out where one is missing, or diverged and is out. */
  readonly error?: number;
  readonly trials: readonly TableTrial[];
}

/** One trial. */
export interface TableTrial {
  readonly key: string;
  readonly seed: number;
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
