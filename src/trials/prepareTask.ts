import { type PreparedCurves, prepareCurves } from "../tasks/curves/curvesTask.js";
import { type PreparedSequences, prepareSequences } from "../tasks/sequences/sequencesTask.js";
import type { TrialSpec } from "./spec.js";
import { isSequencesTask } from "./taskSpec.js";

export type { PreparedCurves, PreparedSequences };

/** Draws or generates what the trial of a spec trains on and is tested on. */
export function prepareTask({ task, seed }: TrialSpec): PreparedCurves | PreparedSequences {
  return isSequencesTask(task) ? prepareSequences(task, seed) : prepareCurves(task, seed);
}
