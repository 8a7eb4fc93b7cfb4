import { present } from "../boundary/present.js";
import type { Runtime } from "../createRuntime.js";
import { InvalidOptionError } from "../errors.js";
import { kindOf } from "../tasks/index.js";
import type { PreparedTask, Source, TaskNetwork } from "../tasks/task.js";
import { checkCaseCounts } from "./hessianFree/hessianFreeSpec.js";
import { hessianFreeUpdates } from "./hessianFree/hessianFreeUpdates.js";
import { minibatchUpdates } from "./minibatchUpdates.js";
import type { Report } from "./report.js";
import { isHessianFree, type TrialSpec } from "./spec.js";
import { TrialChanges } from "./trialChanges.js";
import type { TrialEvent } from "./trialEvent.js";
import { Clock, type Slice, type TrialState } from "./updates.js";

export type { Report, Slice, TrialState };

/** A trial under way: its network, and a generator that makes one update each time it is asked for the next report. */
export interface Trial {
  readonly spec: TrialSpec;
  /** The spec as it is carried out: no batch is of more cases than there are. */
  readonly sized: TrialSpec;
  readonly network: TaskNetwork;
  /** What was and will be changed while it runs; a change is met when the next update begins. */
  readonly changes: TrialChanges;
  readonly reports: Generator<Report, void, undefined>;
  /**
   * The same work in slices: long updates, which are Hessian-free's, come as several, of some tens of milliseconds. Between two slices the
   * trial can be left; its state and its parameters are then those after the last update that was finished.
   */
  readonly slices: Generator<Slice, void, undefined>;
  /** Seconds spent so far, those of an update under way included. */
  secondsSpent(): number;
  /** The state after the last finished update. */
  getState(): TrialState;
}

/**
 * Makes network and optimizer of a trial. The first report is that of the starting point; the trial ends when the generator does, and can
 * be left at any report. Several trials of one runtime may be advanced in turns: none disturbs another.
 *
 * With `from`, a state that `getState` gave, it goes on where that one was: the first report is that of the update after it. `events`,
 * which have passed `checkEvents`, are met at their updates.
 *
 * The generators throw DivergedError when a loss or parameter is no longer finite.
 */
export function startTrial(
  runtime: Runtime,
  spec: TrialSpec,
  task: PreparedTask,
  from?: TrialState,
  events: readonly TrialEvent[] = [],
): Trial {
  const network = runtime.network(task.network);
  const clock = new Clock(from?.seconds ?? 0);
  const sized = sizedFor(spec, task.source);
  const changes = new TrialChanges(spec, events, from?.update ?? 0);
  if (from === undefined) network.initialize(spec.initialization, spec.seed);
  else network.setParameters(from.parameters);
  const parts = { runtime, network, task, clock, changes };
  const { slices: made, state } = isHessianFree(sized)
    ? hessianFreeUpdates({ ...parts, spec: sized }, from)
    : minibatchUpdates({ ...parts, spec: sized }, from);
  const slices = untilItEnds(made, changes);
  return {
    spec,
    sized,
    network,
    changes,
    slices,
    reports: wholeUpdates(slices),
    secondsSpent: () => clock.finished + clock.underWay,
    getState: () => ({ ...state(), seconds: clock.finished, parameters: network.getParameters() }),
  };
}

function* untilItEnds(slices: Generator<Slice, void, undefined>, changes: TrialChanges): Generator<Slice, void, undefined> {
  try {
    yield* slices;
  } finally {
    changes.end();
  }
}

function* wholeUpdates(slices: Generator<Slice, void, undefined>): Generator<Report, void, undefined> {
  for (const { report } of slices) if (report !== undefined) yield report;
}

/** The report of a state of a trial, its spec as it is carried out, as far as it is known without measuring or making an update. */
export function reportOfState(spec: TrialSpec, { update, seconds, totals }: TrialState): Report {
  const casesProcessed = isHessianFree(spec) ? (totals?.casesProcessed ?? 0) : update * spec.batchSize;
  return present({
    update,
    updates: spec.updates,
    totalConjugateGradientSteps: totals?.conjugateGradientSteps,
    casesProcessed,
    seconds,
  });
}

/**
 * Draws, generates or takes over what the trial of a spec trains on and is tested on; `data` is what the kind of its task takes from
 * outside, if anything. Throws InvalidOptionError for data that are missing or are not the task's.
 */
export function prepareTask(spec: TrialSpec, data?: unknown): PreparedTask {
  const { task, seed } = spec;
  return suited(spec, kindOf(task).prepare(task, seed, checkedData(spec, data)));
}

/** What `prepareTask` does, while the host lives where that takes long. */
export async function prepareTaskInSlices(spec: TrialSpec, data?: unknown): Promise<PreparedTask> {
  const { task, seed } = spec;
  const kind = kindOf(task);
  const given = checkedData(spec, data);
  return suited(spec, kind.prepareInSlices === undefined ? kind.prepare(task, seed, given) : await kind.prepareInSlices(task, seed, given));
}

/**
 * The data that the kind of a trial's task takes from outside, checked: plain data and typed arrays of their own, whatever objects held
 * them. Undefined where it makes them itself. Throws InvalidOptionError, ShapeError.
 */
export function checkedData({ task }: TrialSpec, data: unknown): unknown {
  const kind = kindOf(task);
  if (kind.files === undefined) {
    if (data !== undefined) throw new InvalidOptionError("data", data, `left out: ${task.name} makes its data itself`);
    return undefined;
  }
  if (data === undefined) throw new InvalidOptionError("data", data, `given: ${task.name} takes ${kind.files.wanted}`);
  return kind.files.check(data);
}

/** A task made ready for a trial that may ask for larger batches than its data are; it says so. Throws InvalidOptionError. */
function suited(spec: TrialSpec, prepared: PreparedTask): PreparedTask {
  const sized = sizedFor(spec, prepared.source);
  if (sized === spec || prepared.source.kind !== "cases") return prepared;
  const remark = `There are ${prepared.source.train.cases} cases to train on: every minibatch is all of them.`;
  return { ...prepared, remarks: [...prepared.remarks, remark] };
}

/**
 * The spec with batches that are no larger than the data they are taken from: how many cases there are may be known with the data alone.
 * Throws InvalidOptionError for schedules of Hessian-free's cases that ask for more.
 */
function sizedFor(spec: TrialSpec, source: Source): TrialSpec {
  if (source.kind !== "cases") return spec;
  const { cases } = source.train;
  if (!isHessianFree(spec)) return spec.batchSize <= cases ? spec : { ...spec, batchSize: cases };
  const { gradientCases } = spec.optimizer;
  const isMore = typeof gradientCases === "number" && gradientCases > cases;
  const sized = isMore ? { ...spec, optimizer: { ...spec.optimizer, gradientCases: "all" as const } } : spec;
  checkCaseCounts(sized.optimizer, sized.updates, cases);
  return sized;
}
