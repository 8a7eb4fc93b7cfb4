import { isArray, isNumberList } from "../boundary/realm.js";
import { InvalidOptionError, ShapeError } from "../errors.js";
import { checkKnownOptions, checkObject } from "../validate.js";
import type { Objective } from "./objective.js";

/** Exactly one of `matrix` and `eigenvalues`. */
export interface QuadraticOptions {
  /** A as rows, n x n, symmetric. */
  matrix?: readonly ArrayLike<number>[];
  /** The diagonal of a diagonal A, length n. Any finite numbers: a negative one gives a saddle. */
  eigenvalues?: ArrayLike<number>;
  /** b, length n. Default: zeros. */
  linear?: ArrayLike<number>;
}

/** A quadratic is an objective whose curvature is always there. */
export type Quadratic = Objective & Required<Pick<Objective, "gaussNewtonProduct">>;

/** Rounding in a product such as U'DU leaves a matrix symmetric to about this much of its largest entry. */
const SYMMETRY_TOLERANCE = 1e-10;

/**
 * The quadratic q(x) = x'Ax/2 + b'x, with gradient Ax + b and Gauss-Newton matrix A.
 *
 * The functions of Theorem 2.1 and Proposition 6.1: `eigenvalues` gives the separable p(y), `matrix` the rotated q(x).
 * The mean of A and A' is kept, since that is all x'Ax depends on; arguments are copied.
 *
 * @throws InvalidOptionError when neither or both of `matrix` and `eigenvalues` are given, an entry is not finite, or A is not symmetric
 * @throws ShapeError when A is not square or b has another length
 */
export function quadratic(options: QuadraticOptions): Quadratic {
  checkKnownOptions("quadratic", checkObject("options of quadratic", options), ["matrix", "eigenvalues", "linear"]);
  const { matrix, eigenvalues } = options;
  if ((matrix === undefined) === (eigenvalues === undefined)) {
    throw new InvalidOptionError("quadratic.matrix", matrix, "given when quadratic.eigenvalues is not, and left out when it is");
  }
  return eigenvalues === undefined ? dense(symmetric(matrix), options) : diagonal(vector("quadratic.eigenvalues", eigenvalues), options);
}

function diagonal(lambda: Float64Array, options: QuadraticOptions): Quadratic {
  const size = lambda.length;
  const b = linearTerm(options, size);
  return {
    size,
    gradient(theta, out) {
      let value = 0;
      for (let i = 0; i < size; i++) {
        const curved = lambda[i] * theta[i];
        out[i] = curved + b[i];
        value += (0.5 * curved + b[i]) * theta[i];
      }
      return value;
    },
    gaussNewtonProduct(_theta, vector, out) {
      for (let i = 0; i < size; i++) out[i] = lambda[i] * vector[i];
    },
  };
}

function dense(rows: readonly Float64Array[], options: QuadraticOptions): Quadratic {
  const size = rows.length;
  const b = linearTerm(options, size);
  const product = (row: Float64Array, x: Float64Array): number => {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += row[j] * x[j];
    return sum;
  };
  return {
    size,
    gradient(theta, out) {
      let value = 0;
      for (let i = 0; i < size; i++) {
        const curved = product(rows[i], theta);
        out[i] = curved + b[i];
        value += (0.5 * curved + b[i]) * theta[i];
      }
      return value;
    },
    gaussNewtonProduct(_theta, vector, out) {
      for (let i = 0; i < size; i++) out[i] = product(rows[i], vector);
    },
  };
}

function linearTerm(options: QuadraticOptions, size: number): Float64Array {
  if (options.linear === undefined) return new Float64Array(size);
  const b = vector("quadratic.linear", options.linear);
  if (b.length !== size) throw new ShapeError("the length of quadratic.linear", b.length, `${size}, the size of the quadratic`);
  return b;
}

function symmetric(matrix: unknown): Float64Array[] {
  if (!isArray(matrix) || matrix.length === 0) {
    throw new InvalidOptionError("quadratic.matrix", matrix, "an array of at least one row");
  }
  const rows = Array.from(matrix, (row, i) => vector(`quadratic.matrix[${i}]`, row));
  let largest = 0;
  for (const [i, row] of rows.entries()) {
    if (row.length !== rows.length)
      throw new ShapeError(`the length of quadratic.matrix[${i}]`, row.length, `${rows.length}, the number of rows`);
    for (const entry of row) largest = Math.max(largest, Math.abs(entry));
  }
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.abs(rows[i][j] - rows[j][i]) > SYMMETRY_TOLERANCE * largest) {
        throw new InvalidOptionError(
          `quadratic.matrix[${i}][${j}]`,
          rows[i][j],
          `${rows[j][i]}, like its mirror image in a symmetric matrix`,
        );
      }
      rows[i][j] = rows[j][i] = 0.5 * rows[i][j] + 0.5 * rows[j][i];
    }
  }
  return rows;
}

/** A copy in f64 of a non-empty list of finite numbers. */
function vector(option: string, value: unknown): Float64Array {
  if (!isNumberList(value) || value.length === 0) throw new InvalidOptionError(option, value, "an array of at least one number");
  return Float64Array.from(value, (entry, i) => {
    if (typeof entry !== "number" || !Number.isFinite(entry)) throw new InvalidOptionError(`${option}[${i}]`, entry, "a finite number");
    return entry;
  });
}
