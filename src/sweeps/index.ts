/** Sweeps: grids of trials, run by whatever runs them, and what came of them. */
export type { Executor, ExecutorSweep, Job, OpenExecutor } from "./executor.js";
export { countTrials, expandSweep } from "./expandSweep.js";
export { inlineExecutor } from "./inlineExecutor.js";
export type { SweepProblem } from "./invalidSweepError.js";
export { InvalidSweepError } from "./invalidSweepError.js";
export type { Keep } from "./keeping.js";
export { memorySweepStore } from "./memorySweepStore.js";
export { runSweep } from "./runSweep.js";
export type { RunningTrial, RunSweepOptions, SweepProgress } from "./runSweepOptions.js";
export type { StoredRecord, StoredTrial, TrialFailure } from "./storedTrial.js";
export type { Coordinate, Grid, Pilot, PlannedTrial, Sweep, SweepChoice, SweepPart, SweepSettings } from "./sweep.js";
export type { SweepCandidate, SweepCell, SweepResult, SweepRow } from "./sweepResult.js";
export type { OpenSweepStore, StoredTrials, SweepStore } from "./sweepStore.js";
export type { TrialKeyOptions } from "./trialKey.js";
export { trialKey } from "./trialKey.js";
