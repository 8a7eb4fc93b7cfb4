import { isArray, isPlainObject, isRecord, isUint8Array, isUint16Array } from "../boundary/realm.js";
import { InvalidOptionError, ShapeError } from "../errors.js";
import { checkFloat32Array, checkInteger, checkKnownMembers, checkObject } from "../validate.js";

/**
 * A minibatch or a whole data set, row-major: feed-forward (cases x features), recurrent time-major (steps x cases x features).
 * `targets` default to the inputs for autoencoders; those of a cross-entropy lie from 0 to 1; a row of a softmax weighs as much as its
 * targets sum to, 1 for a one-hot row. `mask` (steps x cases) weighs the loss of each step.
 */
export interface Batch {
  readonly inputs: Float32Array;
  readonly targets?: Float32Array;
  readonly mask?: Float32Array;
  readonly cases: number;
  readonly steps?: number;
}

/** `features`, which a data set has besides, says how many inputs a case has. */
const MEMBERS = ["inputs", "targets", "mask", "cases", "steps", "features"] as const;

/** Lists of names that a data set from a table has besides. */
const TABLE_MEMBERS = ["columns", "classes"] as const;

/**
 * What a batch has that is read, in an object of its own: a page's framework may have wrapped it, a class may have getters for it, and
 * neither can be sent to another thread. Of a plain object, what nobody reads stays, to be refused by name.
 */
export function membersOf(batch: Batch): Batch {
  if (!isRecord(batch)) return batch;
  const given = batch as Record<string, unknown>;
  const members: Record<string, unknown> = isPlainObject(batch) ? { ...given } : {};
  for (const name of MEMBERS) if (given[name] !== undefined) members[name] = given[name];
  // Nobody reads these lists, and they may be wrapped themselves.
  for (const name of TABLE_MEMBERS) if (isArray(members[name])) delete members[name];
  return members as unknown as Batch;
}

/**
 * Checks that a batch is an object without members that nobody reads; an instance of a class of the user's may have others, and a data set
 * with targets the bytes that they were made of as `labels`. Throws InvalidOptionError.
 */
export function checkMembers(option: string, batch: unknown): void {
  const { labels, targets } = checkObject(option, batch);
  const isLabeled = targets !== undefined && (isUint8Array(labels) || isUint16Array(labels));
  const names = TABLE_MEMBERS.filter((name) => isArray((batch as Record<string, unknown>)[name]));
  checkKnownMembers(option, batch as object, [...MEMBERS, ...names, ...(isLabeled ? ["labels"] : [])]);
}

/** Throws InvalidOptionError where a data set says that it has another number of features than the inputs that are wanted of it. */
export function checkFeatures(option: string, batch: Batch, inputs: number, what: string): void {
  const { features } = batch as { features?: unknown };
  if (features !== undefined && features !== inputs) {
    throw new InvalidOptionError(`${option}.features`, features, `${inputs}, ${what}, or left out`);
  }
}

/**
 * Checks the shape of a feed-forward batch, called `option`; values are checked where they are read. Throws ShapeError, InvalidOptionError.
 */
export function checkBatch(option: string, batch: Batch, inputs: number, outputs: number, targets: "needed" | "inputs" | "unused"): void {
  checkMembers(option, batch);
  for (const member of ["mask", "steps"] as const) {
    if (batch[member] !== undefined) {
      throw new InvalidOptionError(`${option}.${member}`, batch[member], "left out: a feed-forward network has no time steps");
    }
  }
  const cases = checkInteger(`${option}.cases`, batch.cases, 1);
  checkFeatures(option, batch, inputs, "the inputs of the network");
  if (checkFloat32Array(`${option}.inputs`, batch.inputs).length !== cases * inputs) {
    throw new ShapeError(`${option}.inputs.length`, batch.inputs.length, `${cases * inputs} (${cases} cases x ${inputs} inputs)`);
  }
  if (targets === "unused") {
    if (batch.targets !== undefined) checkFloat32Array(`${option}.targets`, batch.targets);
    return;
  }
  if (batch.targets === undefined) {
    if (targets === "needed") {
      throw new ShapeError(`${option}.targets`, "missing", `a Float32Array of ${cases * outputs} (${cases} cases x ${outputs} outputs)`);
    }
  } else if (checkFloat32Array(`${option}.targets`, batch.targets).length !== cases * outputs) {
    throw new ShapeError(`${option}.targets.length`, batch.targets.length, `${cases * outputs} (${cases} cases x ${outputs} outputs)`);
  }
}

/** Checks the shape of a recurrent batch, called `option`. Throws ShapeError, InvalidOptionError. */
export function checkSequences(option: string, batch: Batch, inputs: number, outputs: number, targets: "needed" | "unused"): void {
  checkMembers(option, batch);
  const cases = checkInteger(`${option}.cases`, batch.cases, 1);
  const steps = checkInteger(`${option}.steps`, batch.steps, 1);
  checkFeatures(option, batch, inputs, "the inputs of the network");
  const expect = (name: string, values: unknown, features: number, what: string): void => {
    const each = features === 1 && what === "" ? "" : ` x ${features} ${what}`;
    const expected = `${steps * cases * features} (${steps} steps x ${cases} cases${each})`;
    if (values === undefined) throw new ShapeError(name, "missing", `a Float32Array of ${expected}`);
    const { length } = checkFloat32Array(name, values);
    if (length !== steps * cases * features) throw new ShapeError(`${name}.length`, length, expected);
  };
  expect(`${option}.inputs`, batch.inputs, inputs, "inputs");
  if (targets === "needed") expect(`${option}.targets`, batch.targets, outputs, "outputs");
  else if (batch.targets !== undefined) checkFloat32Array(`${option}.targets`, batch.targets);
  if (batch.mask !== undefined) expect(`${option}.mask`, batch.mask, 1, "");
}
