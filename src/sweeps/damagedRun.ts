import { CheckpointMismatchError, FormatError } from "../errors.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { checkSameTrial } from "../trials/checkpoint.js";
import { findCheckpoint } from "../trials/checkpoints.js";
import type { TrialSpec } from "../trials/spec.js";
import type { Store } from "../trials/store.js";
import { readStoredEvents } from "../trials/storedEvents.js";
import { findRun, specName, storedSpec } from "../trials/storedRun.js";
import { recordName } from "./storedTrial.js";

/** What a run must be of, to be that of its key. */
export interface KeyedTrial {
  readonly spec: TrialSpec;
  readonly kernels: KernelVariant;
}

/**
 * What keeps a run that was begun from going on as the trial of its key, as a sentence: its spec is missing; it, its events or all its
 * checkpoints are damaged; or they are those of another trial, of other kernels, of another numerics version, or of one that was changed
 * by hand.
 */
export async function damageOfRun(run: Store, { spec, kernels }: KeyedTrial): Promise<string | undefined> {
  if (!(await run.names()).includes(specName)) {
    // What cannot be read, such as a directory of that name, is among no names: it is told by the error of reading it.
    await run.read(specName);
    const left = await findRun(run);
    // A record without a spec is not the run's: it says itself whose it is.
    return left === undefined || left === recordName ? undefined : `${run.place} holds ${left} of a run without its ${specName}`;
  }
  try {
    const saved = await storedSpec(run);
    if (saved !== undefined) checkSameTrial(saved, spec);
    const checkpoint = (await findCheckpoint(run)).found?.checkpoint;
    if (checkpoint !== undefined) checkSameTrial(checkpoint.spec, spec);
    if (checkpoint !== undefined && checkpoint.kernels !== kernels)
      throw new CheckpointMismatchError("the kernel variant", checkpoint.kernels, kernels);
    const { events } = await readStoredEvents(run, spec, checkpoint);
    // Without a checkpoint it begins anew, without them.
    if (checkpoint === undefined || events.length === 0) return undefined;
    return `${run.place} was changed by hand while it ran, with which it is not the trial of its spec alone`;
  } catch (error) {
    if (error instanceof FormatError) return error.message;
    if (error instanceof CheckpointMismatchError) return `${run.place} holds the run of another trial: ${error.message}`;
    throw error;
  }
}

/**
 * Gives what is damaged in a run another name, so that its trial can be run again: its record, and all the rest where it cannot go on.
 * Nothing of it is lost.
 */
export async function setDamagedAside(run: Store, trial: KeyedTrial): Promise<void> {
  const store = await run.open();
  try {
    const before = await store.names();
    if (before.includes(recordName))
      await store.rename(
        recordName,
        freeName(before, (count) => `record.damaged${count}.json`),
      );
    if ((await damageOfRun(store, trial)) === undefined) return;
    const names = await store.names();
    for (const name of names.filter((name) => !isAside(name)))
      await store.rename(
        name,
        freeName(names, (count) => `damaged${count}.${name}`),
      );
  } finally {
    await store.close();
  }
}

/** The first name that is free: "damaged.spec.json", "damaged.2.spec.json", so that what was set aside before stays. */
function freeName(taken: readonly string[], nameOf: (count: string) => string): string {
  for (let count = 1; ; count++) {
    const name = nameOf(count === 1 ? "" : `.${count}`);
    if (!taken.includes(name)) return name;
  }
}

function isAside(name: string): boolean {
  return /^(damaged\.|record\.damaged\.)/.test(name);
}
