import { isNumberList } from "../../boundary/realm.js";
import { InvalidOptionError, ShapeError } from "../../errors.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject, checkSignal, orDefault } from "../../validate.js";

/** Writes M^-1 r into `out`, which arrives filled with 0, M symmetric and positive definite; keeps neither. */
export type Preconditioner = (r: Float64Array, out: Float64Array) => void;

/** What a step reports. `x` is the live iterate: read it, copy what you keep. */
export interface ConjugateGradientStep {
  /** Steps made, from 1. */
  step: number;
  /** |A x - b|, as the recurrence carries it. */
  residual: number;
  /** phi(x) = x'Ax / 2 - b'x. */
  phi: number;
  x: Float64Array;
}

/** Options of `conjugateGradient`, which solves A x = b for n unknowns with the preconditioner M. */
export interface ConjugateGradientOptions {
  /** x_0. Default 0, which saves a product. */
  start?: ArrayLike<number>;
  /** Diagonal of M, all positive, or a function that applies M^-1. Default: the identity. */
  preconditioner?: ArrayLike<number> | Preconditioner;
  /** Steps at most. Default 10 n. */
  maximum?: number;
  /** Steps before `tolerance` or `progress` may end the solve. Default 0. */
  minimum?: number;
  /** Stop once |A x - b| <= tolerance |b|. Default 1e-5. */
  tolerance?: number;
  /** Martens' rule, stop once phi falls by less than this share of itself a step; Hessian-free takes 5e-4. Default 0: never. */
  progress?: number;
  /** Steps after which a copy of x is wanted. */
  keep?: ArrayLike<number>;
  /** Looked at before every step. An abort ends the solve with what it has, and is not an error. */
  signal?: AbortSignal;
  /** Called after every step. */
  onStep?: (report: ConjugateGradientStep) => void;
}

/** SciPy's default: rounding makes a hard system take more than the n steps that exact arithmetic needs. */
const STEPS_PER_UNKNOWN = 10;
/** SciPy's default. */
const TOLERANCE = 1e-5;

/** The options of `conjugateGradient`, defaults filled in, vectors copied. */
export interface CheckedOptions {
  x: Float64Array;
  /** Whether `x` was given, and not 0 by default. */
  started: boolean;
  precondition: Preconditioner;
  maximum: number;
  minimum: number;
  tolerance: number;
  progress: number;
  keep: ReadonlySet<number>;
  signal: AbortSignal | undefined;
}

/** Copies the right-hand side. Throws InvalidOptionError where it is not a list of finite numbers. */
export function checkRightHandSide(b: unknown): Float64Array {
  return checkVector("b", b);
}

export function checkConjugateGradientOptions(options: unknown, size: number): CheckedOptions {
  const given = checkObject("options of conjugateGradient", options);
  checkKnownOptions("conjugateGradient", given, [
    "start",
    "preconditioner",
    "maximum",
    "minimum",
    "tolerance",
    "progress",
    "keep",
    "signal",
    "onStep",
  ]);
  const { start, onStep } = given;
  if (onStep !== undefined && typeof onStep !== "function") throw new InvalidOptionError("onStep", onStep, "a function");
  const maximum = checkInteger("maximum", orDefault(given.maximum, STEPS_PER_UNKNOWN * size), 0);
  return {
    x: start === undefined ? new Float64Array(size) : checkVector("start", start, size),
    started: start !== undefined,
    precondition: checkPreconditioner(given.preconditioner, size),
    maximum,
    minimum: checkInteger("minimum", orDefault(given.minimum, 0), 0, maximum),
    tolerance: checkNumber("tolerance", orDefault(given.tolerance, TOLERANCE), 0),
    progress: checkNumber("progress", orDefault(given.progress, 0), 0),
    keep: checkKeep(given.keep),
    signal: checkSignal("signal", given.signal),
  };
}

/** z = r / M for a diagonal M, the user's own function, or z = r. */
function checkPreconditioner(value: unknown, size: number): Preconditioner {
  if (value === undefined) return (r, out) => out.set(r);
  if (typeof value === "function") return value as Preconditioner;
  const diagonal = checkVector("preconditioner", value, size, "the diagonal as an array of numbers, or a function (r, out)");
  diagonal.forEach((entry, i) => {
    if (entry <= 0)
      throw new InvalidOptionError(`preconditioner[${i}]`, entry, "greater than 0: a preconditioner must be positive definite, like A");
  });
  return (r, out) => {
    for (let i = 0; i < size; i++) out[i] = r[i] / diagonal[i];
  };
}

function checkKeep(value: unknown): ReadonlySet<number> {
  if (value === undefined) return new Set();
  if (!isNumberList(value)) throw new InvalidOptionError("keep", value, "an array of steps");
  return new Set(Array.from(value, (step, i) => checkInteger(`keep[${i}]`, step, 1)));
}

/** A copy in f64 of a list of finite numbers, of the given length if there is one. */
function checkVector(option: string, value: unknown, size?: number, allowed = "an array of at least one number"): Float64Array {
  if (!isNumberList(value) || value.length === 0) throw new InvalidOptionError(option, value, allowed);
  if (size !== undefined && value.length !== size)
    throw new ShapeError(`the length of ${option}`, value.length, `${size}, the length of b`);
  return Float64Array.from(value, (entry, i) => {
    if (typeof entry !== "number" || !Number.isFinite(entry)) throw new InvalidOptionError(`${option}[${i}]`, entry, "a finite number");
    return entry;
  });
}
