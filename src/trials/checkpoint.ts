import { present } from "../boundary/present.js";
import { isFloat32Array, isRecord } from "../boundary/realm.js";
import { CheckpointMismatchError, FormatError, InvalidOptionError, ShapeError } from "../errors.js";
import { readCheckpoint, writeCheckpoint } from "../formats/checkpointFile.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { NUMERICS_VERSION } from "../runtime/numericsVersion.js";
import { type BestParameters, checkHeader, type Header, optimizerPrefix, readState } from "./checkpointState.js";
import { checkTrialSpec, type TrialSpec } from "./spec.js";
import type { Report, TrialState } from "./trial.js";
import { checkEvents, type TrialEvent } from "./trialEvent.js";

/** A trial between two updates: what it takes to go on from there to the same bits, and what it has reported until then. */
export interface Checkpoint {
  readonly spec: TrialSpec;
  /** The kernels that made it; others round differently. */
  readonly kernels: KernelVariant;
  /** SHA-256 of the data that its task does not make itself; left out where it does. */
  readonly data?: string;
  readonly state: TrialState;
  /** What was changed while it ran, and will be; left out where that is nothing. */
  readonly events?: readonly TrialEvent[];
  /** The reports at which the errors were measured. */
  readonly reports: readonly Report[];
  /** The parameters at the lowest watched error so far, where they are kept. */
  readonly best?: BestParameters;
}

export function encodeCheckpoint({ spec, kernels, data, state, events, reports, best }: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const { update, seconds, parameters, totals } = state;
  const optimizer = Object.entries(state.optimizer);
  const header: Header = present({
    spec,
    data,
    update,
    seconds,
    optimizer: Object.fromEntries(optimizer.filter(([, value]) => !isFloat32Array(value))),
    totals,
    best: best && { update: best.update },
    reports,
    events: events?.length === 0 ? undefined : events,
  });
  const tensors = [
    { name: "parameters", shape: [parameters.length], data: parameters },
    ...optimizer.flatMap(([name, value]) =>
      isFloat32Array(value) ? [{ name: `${optimizerPrefix}${name}`, shape: [value.length], data: value }] : [],
    ),
    ...(best === undefined ? [] : [{ name: "best", shape: [best.parameters.length], data: best.parameters }]),
  ];
  return writeCheckpoint({ numerics: NUMERICS_VERSION, kernels, header, tensors });
}

/**
 * Reads what `encodeCheckpoint` wrote; `file` is what to call the bytes in messages.
 *
 * Throws FormatError for damaged bytes and for a content that no trial can have, CheckpointMismatchError when this version of the library
 * computes other bits than the one that wrote them.
 */
export async function decodeCheckpoint(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<Checkpoint> {
  const { numerics, kernels, header, tensors } = await readCheckpoint(bytes, file);
  if (numerics !== NUMERICS_VERSION) throw new CheckpointMismatchError("the numerics version", numerics, NUMERICS_VERSION);
  const content = checkHeader(header, file);
  const parameters = tensors.find(({ name }) => name === "parameters")?.data;
  if (!isFloat32Array(parameters)) throw new FormatError(file, 24, 'an F32 tensor named "parameters"');
  const spec = readSound(file, 24, "the spec of a trial", () => checkTrialSpec(content.spec));
  const { data } = content;
  if (data !== undefined && typeof data !== "string")
    throw new FormatError(file, 24, "the SHA-256 of the trial's data in hexadecimal digits");
  const events =
    content.events === undefined
      ? undefined
      : readSound(file, 24, "the events of its trial", () => checkEvents("events", spec, content.events));
  return { spec, kernels, data, ...readState(content, parameters, tensors, spec, file), ...present({ events }) };
}

/** A part of a file that has to pass a check. Throws FormatError at the offset where it does not. */
export function readSound<Part>(file: string, offset: number, expected: string, check: () => Part): Part {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof InvalidOptionError) && !(error instanceof ShapeError)) throw error;
    throw new FormatError(file, offset, `${expected}, found one that is wrong: ${error.message}`);
  }
}

/** Throws CheckpointMismatchError, naming the part that differs, unless the spec that was saved is that of this trial. */
export function checkSameTrial(saved: TrialSpec, spec: TrialSpec): void {
  checkSame("spec", saved, spec);
}

function checkSame(part: string, saved: unknown, present: unknown): void {
  if (isRecord(saved) && isRecord(present)) {
    for (const key of new Set([...Object.keys(saved), ...Object.keys(present)])) checkSame(`${part}.${key}`, saved[key], present[key]);
  } else if (JSON.stringify(saved) !== JSON.stringify(present)) throw new CheckpointMismatchError(part, saved, present);
}
