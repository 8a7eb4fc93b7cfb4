import { isRecord } from "../boundary/realm.js";
import { InvalidOptionError, ShapeError } from "../errors.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import type { KernelVariant } from "../runtime/kernels.js";
import type { TrialRecord } from "../trials/record.js";
import { contradictionIn, flawOfRecord } from "../trials/recordShape.js";
import { checkTrialSpec, type TrialSpec } from "../trials/spec.js";
import type { Store } from "../trials/store.js";
import { trialKey } from "./trialKey.js";

export const recordName = "record.json";
export const failureName = "failure.json";

/** A record as it is stored: its reports are beside it, in reports.jsonl. */
export type StoredRecord = Omit<TrialRecord, "reports">;

/** Why a trial came to no end, other than by diverging: an error's code, and a sentence. */
export interface TrialFailure {
  readonly code: string;
  readonly message: string;
}

/**
 * What a sweep's store holds of a trial: its record; why it failed; that it was begun and can go on; or what is wrong with its record,
 * which is then left as it is.
 */
export type StoredTrial = { readonly key: string } & (
  | { readonly state: "ended"; readonly record: StoredRecord }
  | { readonly state: "failed"; readonly spec: TrialSpec; readonly failure: TrialFailure }
  | { readonly state: "damaged"; readonly trouble: string }
  | { readonly state: "begun" }
);

/** Looks at the run of a key; undefined where there is none. */
export async function readStoredTrial(run: Store, key: string): Promise<StoredTrial | undefined> {
  const bytes = await run.read(recordName);
  if (bytes !== undefined) return readRecord(bytes, `${run.place}/${recordName}`, key);
  const names = await run.names();
  const failed = names.includes(failureName) ? await run.read(failureName) : undefined;
  const failure = failed && (await readFailure(failed, key));
  if (failure !== undefined) return failure;
  return names.some((name) => name !== failureName) ? { key, state: "begun" } : undefined;
}

/**
 * A record from bytes that anybody may have changed: what is read of it must be of its kind and not contradict itself, and its spec,
 * numerics version and kernels be those of the key. A number that was changed by hand into another that it might be cannot be told from
 * what it was.
 */
export async function readRecord(bytes: Uint8Array, file: string, key: string): Promise<StoredTrial> {
  const damaged = (why: string): StoredTrial => ({
    key,
    state: "damaged",
    trouble: `${file} is damaged or was changed by hand: ${why}; it is left as it is, and its trial is run again when asked for (repair)`,
  });
  const value = parse(bytes);
  if (!isRecord(value)) return damaged("it is no record");
  const flaw = flawOfRecord(value);
  if (flaw !== undefined) return damaged(flaw);
  const { spec, events, numerics, kernels } = value;
  if (events !== undefined) return damaged("it has events, with which it is not the trial of its spec alone");
  try {
    const found = await trialKey(spec, { kernels: kernels as KernelVariant, numerics: numerics as number });
    if (found !== key) return damaged(`its spec is that of the trial ${found.slice(0, 12)}`);
  } catch (error) {
    if (!(error instanceof InvalidOptionError) && !(error instanceof ShapeError)) throw error;
    return damaged(`its spec is none that this version knows (${error.message})`);
  }
  const checked = checkTrialSpec(spec);
  const contradiction = contradictionIn(value, checked);
  if (contradiction !== undefined) return damaged(contradiction);
  return { key, state: "ended", record: { ...value, spec: checked } as unknown as StoredRecord };
}

async function readFailure(bytes: Uint8Array, key: string): Promise<StoredTrial | undefined> {
  const value = parse(bytes);
  if (!isRecord(value) || !isRecord(value.failure)) return undefined;
  const { code, message } = value.failure;
  try {
    return { key, state: "failed", spec: checkTrialSpec(value.spec), failure: { code: String(code), message: String(message) } };
  } catch {
    // It is tried again anyway.
    return undefined;
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseBoundedJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
