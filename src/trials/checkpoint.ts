import { CheckpointMismatchError, FormatError } from "../errors.js";
import { readCheckpoint, writeCheckpoint } from "../formats/checkpointFile.js";
import type { OptimizerState } from "../optimizers/optimizer.js";
import { isFloat32Array } from "../realm.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { NUMERICS_VERSION } from "../runtime/numericsVersion.js";
import { checkTrialSpec, type TrialSpec } from "./spec.js";
import type { Report, TrialState } from "./trial.js";

/** A trial between two updates: what it takes to go on from there to the same bits, and what it has reported until then. */
export interface Checkpoint {
  readonly spec: TrialSpec;
  /** The kernels that made it; others round differently. */
  readonly kernels: KernelVariant;
  readonly state: TrialState;
  /** The reports at which the errors were measured. */
  readonly reports: readonly Report[];
}

/** What the JSON header holds; arrays are tensors: "parameters", and those of the optimizer's state as "optimizer.<name>". */
interface Header {
  readonly spec: unknown;
  readonly update: number;
  readonly seconds: number;
  readonly optimizer: Readonly<Record<string, unknown>>;
  readonly totals?: TrialState["totals"];
  readonly reports: readonly Report[];
}

const optimizerPrefix = "optimizer.";

export function encodeCheckpoint({ spec, kernels, state, reports }: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const { update, seconds, parameters, totals } = state;
  const optimizer = Object.entries(state.optimizer);
  const isArray = (value: unknown): value is Float32Array => isFloat32Array(value);
  const header: Header = { spec, update, seconds, optimizer: Object.fromEntries(optimizer.filter(([, value]) => !isArray(value))), ...(totals === undefined ? {} : { totals }), reports };
  const tensors = [
    { name: "parameters", shape: [parameters.length], data: parameters },
    ...optimizer.flatMap(([name, value]) => (isArray(value) ? [{ name: `${optimizerPrefix}${name}`, shape: [value.length], data: value }] : [])),
  ];
  return writeCheckpoint({ numerics: NUMERICS_VERSION, kernels, header, tensors });
}

/**
 * Reads what `encodeCheckpoint` wrote; `file` is what to call the bytes in messages.
 *
 * Throws FormatError for damaged bytes, CheckpointMismatchError when this version of the library computes other bits than the one that wrote them.
 */
export async function decodeCheckpoint(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<Checkpoint> {
  const { numerics, kernels, header, tensors } = await readCheckpoint(bytes, file);
  if (numerics !== NUMERICS_VERSION) throw new CheckpointMismatchError("the numerics version", numerics, NUMERICS_VERSION);
  const { spec, update, seconds, optimizer, totals, reports } = header as Header;
  const parameters = tensors.find(({ name }) => name === "parameters")?.data;
  if (!isFloat32Array(parameters)) throw new FormatError(file, 24, 'an F32 tensor named "parameters"');
  const arrays = tensors.flatMap(({ name, data }) => (name.startsWith(optimizerPrefix) ? [[name.slice(optimizerPrefix.length), data]] : []));
  // Whether the state is one of this optimizer's, its setState checks.
  const optimizerState = { ...optimizer, ...Object.fromEntries(arrays) } as OptimizerState;
  return { spec: checkTrialSpec(spec), kernels, state: { update, seconds, parameters, optimizer: optimizerState, ...(totals === undefined ? {} : { totals }) }, reports };
}

/** Throws CheckpointMismatchError, naming the part that differs, unless the spec that was saved is that of this trial. */
export function checkSameTrial(saved: TrialSpec, spec: TrialSpec): void {
  checkSame("spec", saved, spec);
}

function checkSame(part: string, saved: unknown, present: unknown): void {
  if (isObject(saved) && isObject(present)) {
    for (const key of new Set([...Object.keys(saved), ...Object.keys(present)])) checkSame(`${part}.${key}`, saved[key], present[key]);
  } else if (JSON.stringify(saved) !== JSON.stringify(present)) throw new CheckpointMismatchError(part, saved, present);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
