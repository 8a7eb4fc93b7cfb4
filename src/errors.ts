import { describeValue } from "./boundary/describeValue.js";

export { describeValue };

/**
 * Every error the library throws, each with a stable `code`.
 *
 * A message says what was wrong, the value seen and what to do about it; the fields carry the same facts as data.
 */
export class HeavyballError extends Error {
  // A literal, as in each class below: programs that are minified give classes other names.
  override readonly name: string = "HeavyballError";
  /** Stable, machine-readable name of the failure. */
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What an option must be, in words; a function where the words name other options by their paths. */
export type Allowed = string | ((name: (path: string) => string) => string);

/** An option has a value it cannot have: names the option, the value and what is allowed. */
export class InvalidOptionError extends HeavyballError {
  override readonly name: string = "InvalidOptionError";
  /** The option's path, as in "momentum.max". */
  readonly option: string;
  readonly value: unknown;
  readonly allowed: string;
  private readonly words: Allowed;
  constructor(option: string, value: unknown, allowed: Allowed) {
    const text = typeof allowed === "string" ? allowed : allowed((path) => path);
    super("INVALID_OPTION", `${option} is ${describeValue(value)}; ${option} must be ${text}`);
    this.option = option;
    this.value = value;
    this.allowed = text;
    this.words = allowed;
  }

  /** The same error where options have other names, such as those of a command line. */
  renamed(name: (path: string) => string): InvalidOptionError {
    const { words } = this;
    return new InvalidOptionError(name(this.option), this.value, typeof words === "string" ? words : words(name));
  }
}

/** Sizes that do not fit together: names what was given, its length and the length that fits. */
export class ShapeError extends HeavyballError {
  override readonly name: string = "ShapeError";
  constructor(what: string, seen: string | number, expected: string) {
    super("SHAPE", `${what} is ${seen}; expected ${expected}`);
  }
}

/** A run produced a non-finite loss (parameters are those before the failing update) or a parameter overflowed in it. */
export class DivergedError extends HeavyballError {
  override readonly name: string = "DivergedError";
  /** Update index t (from 0) at which the non-finite value appeared; undefined when it was met outside an update. */
  readonly update: number | undefined;
  /** Last finite loss, or undefined when the first one already failed. */
  readonly lastLoss: number | undefined;
  constructor(update: number | undefined, lastLoss: number | undefined, what: string, remedy: string) {
    const last = lastLoss === undefined ? "no finite loss came before it" : `the last finite loss was ${lastLoss}`;
    super(
      "DIVERGED",
      update === undefined
        ? `diverged: ${what} is not finite; ${remedy}`
        : `diverged at update ${update}: ${what} is not finite (${last}); ${remedy}`,
    );
    this.update = update;
    this.lastLoss = lastLoss;
  }
}

/** Bytes that are not in the format they should be in. */
export class FormatError extends HeavyballError {
  override readonly name: string = "FormatError";
  /** What the bytes are called: the path of a file, where they have one. */
  readonly file: string;
  readonly offset: number;
  readonly expected: string;
  constructor(file: string, offset: number, expected: string) {
    super("FORMAT", `${file}: at byte ${offset}, expected ${expected}`);
    this.file = file;
    this.offset = offset;
    this.expected = expected;
  }
}

/** Saved state that belongs to another network, optimizer, numerics version or kernel variant. */
export class CheckpointMismatchError extends HeavyballError {
  override readonly name: string = "CheckpointMismatchError";
  constructor(what: string, saved: unknown, present: unknown, remedy = "restore it where it was saved from") {
    super("CHECKPOINT_MISMATCH", `${what} of the saved state is ${describeValue(saved)}, here it is ${describeValue(present)}; ${remedy}`);
  }
}

/** Something this engine or this object cannot do. */
export class UnsupportedError extends HeavyballError {
  override readonly name: string = "UnsupportedError";
  constructor(message: string) {
    super("UNSUPPORTED", message);
  }
}

/** More memory than there is, than WebAssembly can address, or than one of JavaScript's arrays can hold. */
export class OutOfMemoryError extends HeavyballError {
  override readonly name: string = "OutOfMemoryError";
  readonly bytesNeeded: number;
  /** Undefined where only the engine knows: it refused one of JavaScript's own arrays. */
  readonly bytesAvailable: number | undefined;
  constructor(
    what: string,
    bytesNeeded: number,
    bytesAvailable?: number,
    remedy = "use smaller layers or smaller batches, or dispose of networks no longer used",
  ) {
    const available = bytesAvailable === undefined ? ", more than this engine gives" : ` and ${bytesAvailable} are available`;
    super("OUT_OF_MEMORY", `${what} needs ${bytesNeeded} bytes${available}; ${remedy}`);
    this.bytesNeeded = bytesNeeded;
    this.bytesAvailable = bytesAvailable;
  }
}

/** A thread died: a helper of the team, whose runtime can only be disposed of, or that of a trial. */
export class WorkerLostError extends HeavyballError {
  override readonly name: string = "WorkerLostError";
  constructor(detail: string, what = "a helper thread", remedy = "dispose of this runtime and create another") {
    super("WORKER_LOST", `${what} was lost: ${detail}; ${remedy}`);
  }
}

/** Use of a runtime, network or optimizer after `dispose()`. */
export class DisposedError extends HeavyballError {
  override readonly name: string = "DisposedError";
  constructor(what: string) {
    super("DISPOSED", `the ${what} has been disposed of; create another`);
  }
}

/** Work stopped by an AbortSignal or by Ctrl-C. */
export class AbortedError extends HeavyballError {
  override readonly name: string = "AbortedError";
  constructor(message = "stopped by the caller") {
    super("ABORTED", message);
  }
}
