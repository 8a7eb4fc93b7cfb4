import { describeValue } from "../../boundary/describeValue.js";
import {
  AbortedError,
  CheckpointMismatchError,
  DisposedError,
  DivergedError,
  FormatError,
  HeavyballError,
  InvalidOptionError,
  OutOfMemoryError,
  ShapeError,
  UnsupportedError,
  WorkerLostError,
} from "../../errors.js";
import { StoreError } from "../store.js";

/** An error as plain data: cloning one keeps neither its class nor its fields. */
interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Of the library's own. */
  readonly code?: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const classes: Readonly<Record<string, { readonly prototype: Error }>> = {
  ABORTED: AbortedError,
  CHECKPOINT_MISMATCH: CheckpointMismatchError,
  DISPOSED: DisposedError,
  DIVERGED: DivergedError,
  FORMAT: FormatError,
  INVALID_OPTION: InvalidOptionError,
  OUT_OF_MEMORY: OutOfMemoryError,
  SHAPE: ShapeError,
  STORE: StoreError,
  UNSUPPORTED: UnsupportedError,
  WORKER_LOST: WorkerLostError,
};

/** Never throws, whatever was thrown. */
export function packError(error: unknown): PackedError {
  try {
    return packed(error);
  } catch {
    return { name: "Error", message: describeValue(error), fields: {} };
  }
}

function packed(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), fields: {} };
  const [name, message] = [String(error.name), String(error.message)];
  const stack = typeof error.stack === "string" ? error.stack : undefined;
  // The words of an InvalidOptionError may be a function of the names of options, which stays behind.
  const words = error instanceof InvalidOptionError ? { words: error.allowed } : {};
  const fields = Object.fromEntries(Object.entries({ ...error, ...words }).filter(([, value]) => canBeSent(value)));
  return { name, message, stack, fields, ...(error instanceof HeavyballError && { code: error.code }) };
}

export function unpackError(packed: unknown): Error {
  const { name, message, stack, code, fields } = packed as PackedError;
  const error = new Error(message);
  const found = code === undefined ? undefined : (classes[code] ?? HeavyballError);
  if (found !== undefined) Object.setPrototypeOf(error, found.prototype);
  // Of the place where it was thrown.
  return Object.assign(error, fields, { name, stack: stack ?? error.stack });
}

/** Whether another thread can have it. */
export function canBeSent(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
