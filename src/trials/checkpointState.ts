import { isFloat32Array, isRecord } from "../boundary/realm.js";
import { describeValue, FormatError } from "../errors.js";
import type { Tensor } from "../formats/safetensors.js";
import type { OptimizerState } from "../optimizers/index.js";
import type { TrialSpec } from "./spec.js";
import type { Report, TrialState } from "./trial.js";
import type { TrialEvent } from "./trialEvent.js";
import type { HessianFreeTotals } from "./updates.js";

/** The parameters at the lowest watched error of a trial so far, and after how many updates that was. */
export interface BestParameters {
  readonly update: number;
  readonly parameters: Float32Array;
}

/**
 * What the JSON header of a checkpoint holds; arrays are tensors: "parameters", "best", and those of the optimizer's state as
 * "optimizer.<name>".
 */
export interface Header {
  readonly spec: unknown;
  readonly data?: string;
  readonly update: number;
  readonly seconds: number;
  readonly optimizer: Readonly<Record<string, unknown>>;
  readonly totals?: HessianFreeTotals;
  readonly best?: { readonly update: number };
  readonly reports: readonly Report[];
  readonly events?: readonly TrialEvent[];
}

export const optimizerPrefix = "optimizer.";

/** Makes the error for a part of the header that is not as it must be. */
type Refuse = (expected: string, found: unknown) => FormatError;
type Json = Record<string, unknown>;

/**
 * The header of a checkpoint as it was read: an object, whatever is in it.
 *
 * A file with the right SHA-256 was written by this library or by somebody who signs what he makes up; the latter is refused here, by name,
 * and not somewhere in the middle of an update. Throws FormatError.
 */
export function checkHeader(header: unknown, file: string): Json {
  if (!isRecord(header)) throw refuser(file)("a header that is an object", header);
  return header;
}

/** The state in a checkpoint of the trial of `spec`, and its reports. Throws FormatError. */
export function readState(
  header: Json,
  parameters: Float32Array,
  tensors: readonly Tensor[],
  spec: TrialSpec,
  file: string,
): { state: TrialState; reports: Report[]; best?: BestParameters } {
  const refuse = refuser(file);
  const update = readCount(header.update, "a number of updates", refuse);
  if (update > spec.updates) throw refuse(`at most the ${spec.updates} updates of its spec`, update);
  const { seconds, totals } = header;
  if (!isAmount(seconds)) throw refuse("a number of seconds of at least 0", seconds);
  const reports = readReports(header.reports, update, refuse);
  const best = readBest(header.best, tensors, update, parameters.length, refuse);
  const state = {
    update,
    seconds,
    parameters,
    optimizer: readOptimizer(header.optimizer, tensors, update, refuse),
    totals: totals === undefined ? undefined : readTotals(totals, refuse),
  };
  return { state, reports, best };
}

/** Makes errors about a file whose parts are at this offset; a checkpoint's header is at 24. */
export function refuser(file: string, offset = 24): Refuse {
  return (expected, found) => new FormatError(file, offset, `${expected}, found ${describeValue(found)}`);
}

/** Whether it is the state of the right optimizer, that one's setState checks. */
function readOptimizer(value: unknown, tensors: readonly Tensor[], update: number, refuse: Refuse): OptimizerState {
  if (!isRecord(value)) throw refuse("an optimizer's state", value);
  if (value.update !== update) throw refuse(`an optimizer that has made the trial's ${update} updates`, value.update);
  const arrays = tensors.flatMap(({ name, data }) =>
    name.startsWith(optimizerPrefix) ? [[name.slice(optimizerPrefix.length), data] as const] : [],
  );
  for (const [name] of arrays) if (Object.hasOwn(value, name)) throw refuse(`one part "${name}" of the optimizer's state`, "two");
  return { ...value, ...Object.fromEntries(arrays) } as unknown as OptimizerState;
}

function readTotals(value: unknown, refuse: Refuse): HessianFreeTotals {
  if (!isRecord(value)) throw refuse("totals that are an object", value);
  return {
    conjugateGradientSteps: readCount(value.conjugateGradientSteps, "a number of steps of conjugate gradient", refuse),
    casesProcessed: readCount(value.casesProcessed, "a number of cases processed", refuse),
  };
}

function readBest(value: unknown, tensors: readonly Tensor[], update: number, count: number, refuse: Refuse): BestParameters | undefined {
  if (value === undefined) return undefined;
  if (!isRecord(value)) throw refuse("a best that is an object", value);
  const seen = readCount(value.update, "the update of the best", refuse);
  if (seen > update) throw refuse(`a best of at most ${update} updates`, seen);
  const parameters = tensors.find(({ name }) => name === "best")?.data;
  if (!isFloat32Array(parameters) || parameters.length !== count)
    throw refuse(`an F32 tensor named "best" of ${count} numbers`, parameters);
  return { update: seen, parameters };
}

/** Reports in the order of their updates, none after the state's. */
export function readReports(value: unknown, update: number, refuse: Refuse): Report[] {
  if (!Array.isArray(value)) throw refuse("an array of reports", value);
  let before = -1;
  for (const [at, report] of value.entries()) {
    if (!isRecord(report)) throw refuse(`an object as report ${at}`, report);
    const { update: made, updates, casesProcessed, seconds } = report;
    for (const [name, count] of Object.entries({ update: made, updates, casesProcessed }))
      readCount(count, `a whole number as ${name} of report ${at}`, refuse);
    if ((made as number) <= before || (made as number) > update)
      throw refuse(`report ${at} to be of an update after ${before}, and not after ${update}`, made);
    if (!isAmount(seconds)) throw refuse(`a number of seconds in report ${at}`, seconds);
    const odd = Object.entries(report).find(([name, member]) => !isMember(name, member));
    if (odd !== undefined) {
      const what = odd[0] === "beforeFinal" ? "measures" : "a finite number";
      throw refuse(`${what} as ${describeValue(odd[0])} of report ${at}`, odd[1]);
    }
    before = made as number;
  }
  return value as Report[];
}

/** Whether a member of a report is what it has to be: a number, but for few. */
function isMember(name: string, member: unknown): boolean {
  if (name === "beforeFinal") return isRecord(member) && Object.values(member).every(Number.isFinite);
  if (name === "conjugateGradientEnd") return typeof member === "string";
  return Number.isFinite(member) || (name === "rho" && member === null);
}

function readCount(value: unknown, what: string, refuse: Refuse): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw refuse(what, value);
  return value as number;
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
