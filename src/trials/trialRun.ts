import { createRuntime, Runtime } from "../createRuntime.js";
import { CheckpointMismatchError, FormatError, type HeavyballError, InvalidOptionError, ShapeError } from "../errors.js";
import { methodOf } from "../optimizers/index.js";
import { numericsOf } from "../runtime/kernels.js";
import type { RuntimeOptions } from "../runtime/loadEngine.js";
import { machineFacts } from "../runtime/machineFacts.js";
import type { PreparedTask } from "../tasks/task.js";
import { checkSameData, dataDigest } from "./dataDigest.js";
import { progressOf } from "./progress.js";
import { type Racer, racer } from "./race.js";
import { endOf, outcomeOf, type TrialRecord, trialRecord } from "./record.js";
import type { Report } from "./report.js";
import type { RunTrialOptions } from "./runTrialOptions.js";
import type { TrialSpec } from "./spec.js";
import { requireNoRun, StoredRun } from "./storedRun.js";
import { prepareTaskInSlices, startTrial, type Trial } from "./trial.js";
import type { TrialEvent } from "./trialEvent.js";

/** A trial at work, with everything that it takes. */
export class TrialRun {
  readonly racer: Racer;
  private saved = performance.now();
  private readonly begun = performance.now();
  private readonly shareBefore: number;

  private constructor(
    readonly task: PreparedTask,
    private readonly trial: Trial,
    private readonly runtime: Runtime,
    private readonly ownsRuntime: boolean,
    private readonly options: RunTrialOptions,
    private stored: StoredRun | undefined,
    private readonly dataDigest: string | undefined,
  ) {
    const name = methodOf(trial.spec.optimizer).label;
    this.racer = racer(name, trial, stored?.from?.checkpoint.reports);
    this.shareBefore = this.racer.share;
  }

  /**
   * Does all that a wrong option or damaged content can make impossible, before anything is in the store: reads the checkpoint, starts the
   * runtime with the kernels that made it, makes the data ready, and network, starting point and optimizer. `given`: checked events.
   */
  static async begin(spec: TrialSpec, given: readonly TrialEvent[] | undefined, options: RunTrialOptions): Promise<TrialRun> {
    const { store, resume = false, data } = options;
    let stored = store !== undefined && resume ? await StoredRun.open(store, spec) : undefined;
    let runtime: Runtime | undefined;
    let trial: Trial | undefined;
    const ownsRuntime = !(options.runtime instanceof Runtime);
    try {
      if (store !== undefined && stored === undefined) await requireNoRun(store);
      const events = eventsFor(given, stored);
      const kernels = stored?.from?.checkpoint.kernels;
      runtime = await runtimeFor(options.runtime, kernels);
      const task = await prepareTaskInSlices(spec, data);
      const digest = store === undefined ? undefined : await dataDigest(spec, data);
      checkSameData(stored?.from?.checkpoint, digest);
      trial = begin(runtime, spec, task, stored, events);
      if (store !== undefined) stored ??= await StoredRun.create(store, spec, events);
      await stored?.events.keep(events);
      const { changes } = trial;
      await options.onStart?.({
        spec,
        task,
        runtime,
        network: trial.network,
        name: methodOf(spec.optimizer).label,
        from: stored?.from?.checkpoint.state.update ?? 0,
        events,
        async change(asked) {
          const event = changes.add(asked);
          await stored?.events.keep(changes.events);
          return event;
        },
      });
      return new TrialRun(task, trial, runtime, ownsRuntime, options, stored, digest);
    } catch (error) {
      // First of all: what is not changed any more is not written into a store that is closed.
      trial?.changes.end();
      trial?.network.dispose();
      if (ownsRuntime) await runtime?.dispose();
      if (stored?.isNew === true) await stored.discard();
      else await stored?.close();
      throw error;
    }
  }

  async start(): Promise<void> {
    const { stored, options } = this;
    if (stored === undefined) return;
    if (stored.from?.damaged !== undefined) {
      const from = stored.from.name === "checkpoint.previous.bin" ? "the checkpoint before it" : stored.from.name;
      await options.onTrouble?.(`${stored.from.damaged.message}; going on from ${from}`);
    }
    const trouble = await stored.start(this.trial.network, this.task.watched.key);
    if (trouble !== undefined) await options.onTrouble?.(trouble);
    await this.save();
  }

  async note(report: Report): Promise<void> {
    await this.stored?.addReport(report);
    await this.options.onReport?.(report);
    await this.tell();
  }

  async breathe(): Promise<void> {
    await this.tell();
    const isDue = performance.now() - this.saved >= 1000 * (this.options.checkpointSeconds ?? 30);
    if (isDue) await this.save();
  }

  /** Ends the trial as it is: measures it on all data and writes what belongs to its end. */
  async finish(): Promise<TrialRecord> {
    const { racer: one, options, task, trial, runtime } = this;
    trial.changes.end();
    await this.tell();
    if (one.failure === undefined) await this.save();
    await options.onMeasure?.();
    const { spec, network, changes } = trial;
    const { end, final } = outcomeOf(endOf(spec, one.last, one.failure), task, network);
    const made = { spec, end, reports: one.measured, last: one.last, changes, bestIsLost: this.stored?.bestIsLost === true };
    const record = trialRecord({ ...made, kernels: runtime.kernels, machine: machineFacts(runtime), data: this.dataDigest }, task, final);
    const written = (await this.stored?.finish(record, network, end.code !== "stopped")) ?? [];
    await options.onEnd?.({ name: one.name, record, task, network, runtime, store: this.stored?.store, written });
    return record;
  }

  /** A new run that fails before an update is made, as when the memory is too small for one, leaves nothing behind. */
  async fail(): Promise<void> {
    this.trial.changes.end();
    if (this.stored?.isNew !== true || this.racer.last.update > 0) return;
    await this.stored.discard();
    this.stored = undefined;
  }

  async release(): Promise<void> {
    this.trial.changes.end();
    this.trial.network.dispose();
    try {
      await this.stored?.close();
    } finally {
      if (this.ownsRuntime) await this.runtime.dispose();
    }
  }

  private async save(): Promise<void> {
    const { stored, trial, racer: one, runtime } = this;
    const { update } = one.last;
    const isSaved = await stored?.save(update, () => ({
      spec: trial.spec,
      kernels: runtime.kernels,
      data: this.dataDigest,
      state: trial.getState(),
      events: trial.changes.events,
      reports: one.measured,
    }));
    this.saved = performance.now();
    if (isSaved) await this.options.onCheckpoint?.({ update });
  }

  private async tell(): Promise<void> {
    await this.options.onProgress?.(progressOf(this.racer, this.task.watched.key, performance.now() - this.begun, this.shareBefore));
  }
}

async function runtimeFor(given: Runtime | RuntimeOptions | undefined, saved: TrialRecord["kernels"] | undefined): Promise<Runtime> {
  if (given instanceof Runtime) {
    if (saved !== undefined && saved !== given.kernels) throw new CheckpointMismatchError("the kernel variant", saved, given.kernels);
    return given;
  }
  const asked = given?.kernels ?? "auto";
  if (asked === "auto") return createRuntime({ ...given, kernels: saved ?? asked });
  // Wide kernels compute the numbers of relaxed: a run goes on under either.
  if (saved !== undefined && numericsOf(asked) !== saved) throw new CheckpointMismatchError("the kernel variant", saved, asked);
  return createRuntime({ ...given, kernels: asked });
}

/**
 * The events of a trial that begins, or goes on with a run. Throws CheckpointMismatchError for others than those with which its updates
 * were made; where none was, those that are given count.
 */
function eventsFor(given: readonly TrialEvent[] | undefined, stored: StoredRun | undefined): readonly TrialEvent[] {
  const found = stored?.events.found ?? [];
  if (given === undefined) return found;
  if (stored?.from !== undefined && JSON.stringify(given) !== JSON.stringify(found))
    throw new CheckpointMismatchError("the list of events", found, given, "leave events out to go on with the run's own");
  return given;
}

function begin(runtime: Runtime, spec: TrialSpec, task: PreparedTask, stored: StoredRun | undefined, events: readonly TrialEvent[]): Trial {
  if (stored?.from === undefined) return startTrial(runtime, spec, task, undefined, events);
  const { checkpoint, name } = stored.from;
  try {
    return startTrial(runtime, spec, task, checkpoint.state, events);
  } catch (error) {
    const isOfState = [ShapeError, InvalidOptionError, CheckpointMismatchError].some((Kind) => error instanceof Kind);
    if (!isOfState) throw error;
    const what = `a state of the network and the optimizer of its spec: ${(error as HeavyballError).message}`;
    throw new FormatError(`${stored.store.place}/${name}`, 24, what);
  }
}
