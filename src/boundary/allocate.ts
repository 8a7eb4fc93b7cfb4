import { OutOfMemoryError } from "../errors.js";

/** What makes one of JavaScript's arrays of numbers. */
interface Elements<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): A;
}

/**
 * `length` zeros for `what`, a length that comes of what a user asked for. Throws OutOfMemoryError where the engine throws a bare
 * RangeError.
 */
export function allocate<A>(Elements: Elements<A>, length: number, what: string): A {
  try {
    return new Elements(length);
  } catch {
    throw new OutOfMemoryError(what, length * Elements.BYTES_PER_ELEMENT);
  }
}
