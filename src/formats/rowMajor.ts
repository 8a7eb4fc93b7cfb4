/** What numbers are read from and written to. */
interface Numbers {
  readonly length: number;
  [at: number]: number;
}

/**
 * Brings numbers from the order in which the first index runs fastest (Fortran's, MATLAB's) to that in which the last one does. `to` is as
 * long as `from`, and is returned.
 */
export function rowMajor<To extends Numbers>(from: Numbers, to: To, shape: readonly number[]): To {
  const index = new Array<number>(shape.length).fill(0);
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((product, side) => product * side, 1));
  let at = 0;
  for (let i = 0; i < to.length; i++) {
    to[i] = from[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += steps[axis];
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
      at -= steps[axis] * shape[axis];
    }
  }
  return to;
}
