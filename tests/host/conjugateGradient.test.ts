import { type ConjugateGradientOptions, conjugateGradient, InvalidOptionError, type LinearProduct, ShapeError } from "heavyball";
import { describe, expect, it } from "vitest";
import { geometricSteps, progressGap } from "#internal/optimizers/conjugateGradient/conjugateGradientReason";
import { distance, inner, normals, orthonormal, rotated, times, timesTransposed } from "../reference/matrices.js";

/**
 * A symmetric system of which everything is known: the product, the largest over the smallest eigenvalue, and how many steps exact
 * arithmetic needs at most: one a distinct eigenvalue.
 */
interface System {
  readonly name: string;
  readonly n: number;
  readonly product: LinearProduct;
  readonly condition: number;
  readonly distinct: number;
}

const poisson1: LinearProduct = (v, out) => {
  for (let i = 0; i < v.length; i++) out[i] = 2 * v[i] - (v[i - 1] ?? 0) - (v[i + 1] ?? 0);
};

/**
 * Both Poisson matrices on m points a side have eigenvalues from 2 - 2 cos(pi / (m + 1)) to 2 + 2 cos(pi / (m + 1)), times the dimension.
 */
const poissonCondition = (m: number): number => 1 / Math.tan(Math.PI / (2 * (m + 1))) ** 2;

function oneDimensional(m: number): System {
  return { name: `1-D Poisson, ${m}`, n: m, product: poisson1, condition: poissonCondition(m), distinct: m };
}

/** The five-point stencil on m x m points; eigenvalues lambda_i + lambda_j. */
function twoDimensional(m: number): System {
  const product: LinearProduct = (v, out) => {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < m; j++) {
        const at = i * m + j;
        out[at] = 4 * v[at] - (i > 0 ? v[at - m] : 0) - (i < m - 1 ? v[at + m] : 0) - (j > 0 ? v[at - 1] : 0) - (j < m - 1 ? v[at + 1] : 0);
      }
    }
  };
  return { name: `2-D Poisson, ${m} x ${m}`, n: m * m, product, condition: poissonCondition(m), distinct: (m * (m + 1)) / 2 };
}

/**
 * U' diag(lambda) U for a random orthonormal U. Ending after as many steps as there are distinct eigenvalues does not survive rounding
 * where these are many and spread (nor does it in anybody's conjugate gradient); the Chebyshev bound does.
 */
function random(eigenvalues: readonly number[], seed: number): System {
  const matrix = rotated(orthonormal(eigenvalues.length, seed), eigenvalues);
  const condition = Math.max(...eigenvalues) / Math.min(...eigenvalues);
  return {
    name: `random, condition ${condition}`,
    n: eigenvalues.length,
    product: (v, out) => out.set(times(matrix, v)),
    condition,
    distinct: Infinity,
  };
}

/** n eigenvalues from 1 to `condition`, evenly spaced on a logarithmic scale. */
const spread = (n: number, condition: number): number[] => Array.from({ length: n }, (_, i) => condition ** (i / (n - 1)));

/**
 * Steps after which |r| <= tolerance |r_0| in exact arithmetic: |r_k| / |r_0| <= 2 sqrt(kappa) ((sqrt(kappa) - 1) / (sqrt(kappa) + 1))^k,
 * and one a distinct eigenvalue.
 */
function mostSteps({ condition, distinct }: System, tolerance: number): number {
  const root = Math.sqrt(condition);
  const chebyshev = root - 1 < 1e-9 ? 1 : Math.ceil(Math.log((2 * root) / tolerance) / -Math.log((root - 1) / (root + 1)));
  return Math.min(distinct, chebyshev);
}

function apply({ product, n }: System, x: Float64Array): Float64Array {
  const out = new Float64Array(n);
  product(x, out);
  return out;
}

const norm = (v: ArrayLike<number>): number => Math.sqrt(inner(v, v));
const ones = (n: number): Float64Array => new Float64Array(n).fill(1);

const SYSTEMS = [
  ...[1, 2, 3, 10, 40].map(oneDimensional),
  ...[2, 5, 20, 40].map(twoDimensional),
  ...[1.5, 10, 100, 1000].map((condition, i) => random(spread(60, condition), i)),
];

describe("conjugateGradient on SciPy's cases", () => {
  for (const system of SYSTEMS) {
    it.each([1e-2, 1e-5, 1e-8])(`${system.name}: reaches %s within the steps that theory allows`, (tolerance) => {
      const b = normals(system.n, 9);
      const result = conjugateGradient(system.product, b, { tolerance });
      expect(result.reason.code).toBe("converged");
      expect(result.steps).toBeLessThanOrEqual(mostSteps(system, tolerance));
      const residual = norm(apply(system, result.x).map((value, i) => value - b[i]));
      expect(residual).toBeLessThanOrEqual(tolerance * norm(b) * (1 + 1e-6));
      expect(Math.abs(residual - result.residual)).toBeLessThan(1e-11 * norm(b));
    });
  }

  it.each([1, 2, 3, 5])("takes %d steps for as many distinct eigenvalues", (distinct) => {
    const system = random(
      Array.from({ length: 30 }, (_, i) => 1 + (i % distinct)),
      distinct,
    );
    const { steps, reason } = conjugateGradient(system.product, normals(30, 1), { tolerance: 1e-10 });
    expect({ steps, code: reason.code }).toEqual({ steps: distinct, code: "converged" });
  });

  it("needs half the steps where b is symmetric: only half the eigenvectors take part", () => {
    expect(conjugateGradient(poisson1, ones(50), { tolerance: 1e-10 }).steps).toBe(25);
  });

  it("solves what its docstring says it solves", () => {
    expect(distance(conjugateGradient(poisson1, [1, 0, 0, 1]).x, ones(4))).toBeLessThan(1e-14);
  });

  it("lowers phi and the error in the A-norm at every step, and phi is x'Ax / 2 - b'x", () => {
    const system = random(spread(30, 500), 5);
    const b = normals(30, 6);
    const solution = conjugateGradient(system.product, b, { tolerance: 1e-14 }).x;
    let last = { phi: 0, error: inner(solution, apply(system, solution)) };
    conjugateGradient(system.product, b, {
      tolerance: 1e-4,
      onStep: ({ phi, x }) => {
        const off = x.map((value, i) => value - solution[i]);
        const error = inner(off, apply(system, off));
        expect(phi).toBeLessThan(last.phi);
        expect(error).toBeLessThan(last.error);
        expect(Math.abs(phi - (0.5 * inner(x, apply(system, x)) - inner(b, x)))).toBeLessThan(1e-10);
        last = { phi, error };
      },
    });
  });
});

describe("preconditioners", () => {
  const system = random(spread(40, 1000), 3);
  const b = normals(40, 4);

  it("the identity, as numbers or as a function, changes no bit", () => {
    const plain = conjugateGradient(system.product, b);
    for (const preconditioner of [ones(40), (r: Float64Array, out: Float64Array) => out.set(r)])
      expect(conjugateGradient(system.product, b, { preconditioner })).toEqual(plain);
  });

  it("the exact inverse solves in one step", () => {
    const u = orthonormal(40, 3);
    const eigenvalues = spread(40, 1000);
    const preconditioner = (r: Float64Array, out: Float64Array): void =>
      out.set(
        timesTransposed(
          u,
          times(u, r).map((value, i) => value / eigenvalues[i]),
        ),
      );
    const { steps, reason } = conjugateGradient(system.product, b, { preconditioner, tolerance: 1e-10 });
    expect({ steps, code: reason.code }).toEqual({ steps: 1, code: "converged" });
  });

  it("the exact diagonal solves a diagonal system in one step", () => {
    const diagonal = spread(20, 1e6);
    const { x, steps } = conjugateGradient((v, out) => v.forEach((value, i) => (out[i] = diagonal[i] * value)), ones(20), {
      preconditioner: diagonal,
      tolerance: 1e-12,
    });
    expect(steps).toBe(1);
    expect(
      distance(
        x,
        diagonal.map((value) => 1 / value),
      ),
    ).toBeLessThan(1e-15);
  });

  it("a diagonal that undoes bad scaling brings back the well-scaled system's steps", () => {
    const scales = spread(40, 1e4);
    const well = random(spread(40, 20), 8);
    const bad: LinearProduct = (v, out) =>
      out.set(
        apply(
          well,
          v.map((value, i) => value * scales[i]),
        ).map((value, i) => value * scales[i]),
      );
    const options = { tolerance: 1e-8, maximum: 1000 };
    const allowed = mostSteps({ ...well, condition: 20 }, 1e-8 / 1e4);
    expect(conjugateGradient(bad, b, { ...options, preconditioner: scales.map((scale) => scale * scale) }).steps).toBeLessThanOrEqual(
      allowed,
    );
    expect(conjugateGradient(bad, b, options).steps).toBeGreaterThan(allowed);
  });

  it("that are not positive definite end the solve with what was reached, and a reason", () => {
    for (const preconditioner of [
      (r: Float64Array, out: Float64Array): void => out.set(r.map((value) => -value)),
      (_r: Float64Array, out: Float64Array): void => void out.fill(0),
    ]) {
      const { steps, x, reason } = conjugateGradient(system.product, b, { preconditioner });
      expect({ steps, x, code: reason.code }).toEqual({ steps: 0, x: new Float64Array(40), code: "indefinitePreconditioner" });
      expect(reason.message).toMatch(/^After 0 steps r'M\^-1 r was .*not positive definite.*\.$/);
    }
    // A projection: positive until the residual has left the part of the space that it keeps.
    const seen: Float64Array[] = [];
    const half = conjugateGradient((v, out) => out.set(v.map((value, i) => (i + 1) * value)), [1, 1, 1, 1], {
      preconditioner: (r, out) => out.set(r.map((value, i) => (i < 2 ? value : 0))),
      tolerance: 1e-12,
      onStep: ({ x }) => void seen.push(x.slice()),
    });
    expect(half.reason.code).toBe("indefinitePreconditioner");
    expect(half.steps).toBe(seen.length);
    expect(half.x).toEqual(seen.at(-1));
    expect(distance(half.x, Float64Array.of(1, 0.5, 0, 0))).toBeLessThan(1e-12);
  });

  it("may have an r'M^-1 r that f64 cannot hold", () => {
    const { steps, x, reason } = conjugateGradient((v, out) => out.set(v), [1e-160, 1e-160], { preconditioner: [1e10, 1e10] });
    expect({ steps, code: reason.code }).toEqual({ steps: 1, code: "converged" });
    for (const value of x) expect(Math.abs(value / 1e-160 - 1)).toBeLessThan(1e-14);
  });
});

describe("the solve's course", () => {
  const system = random(spread(30, 300), 12);
  const b = normals(30, 13);

  it("starts where it is told, and takes no step from the solution", () => {
    const solution = conjugateGradient(system.product, b, { tolerance: 1e-13 }).x;
    const again = conjugateGradient(system.product, b, { start: solution });
    expect({ steps: again.steps, code: again.reason.code, x: again.x }).toEqual({ steps: 0, code: "converged", x: solution });
    const near = conjugateGradient(system.product, b, { start: solution.map((value) => 0.999 * value) });
    expect(near.steps).toBeLessThan(conjugateGradient(system.product, b).steps);
    expect(distance(near.x, solution)).toBeLessThan(1e-4);
  });

  it("makes one product a step, and one for a start", () => {
    let products = 0;
    const counted: LinearProduct = (v, out) => {
      expect(out.every((value) => value === 0)).toBe(true);
      products++;
      system.product(v, out);
    };
    expect(conjugateGradient(counted, b, { maximum: 7 }).steps).toBe(products);
    products = 0;
    expect(conjugateGradient(counted, b, { maximum: 7, start: ones(30) }).steps).toBe(products - 1);
  });

  it("keeps the iterates asked for that come before the last", () => {
    const seen = new Map<number, Float64Array>();
    const { steps, x, iterates } = conjugateGradient(system.product, b, {
      maximum: 11,
      tolerance: 0,
      keep: geometricSteps(250),
      onStep: ({ step, x: live }) => seen.set(step, live.slice()),
    });
    expect(steps).toBe(11);
    expect(iterates.map(({ step }) => step)).toEqual([5, 7, 9]);
    for (const iterate of iterates) expect(iterate.x).toEqual(seen.get(iterate.step));
    expect(x).toEqual(seen.get(11));
  });

  it("stops by Martens' rule at the first step that meets it", () => {
    const phis = [0];
    const { steps, reason } = conjugateGradient(poisson1, normals(200, 3), {
      tolerance: 0,
      progress: 5e-4,
      onStep: ({ phi }) => phis.push(phi),
    });
    const meets = (i: number): boolean => {
      const k = Math.max(10, Math.ceil(i / 10));
      return i > k && phis[i] < 0 && (phis[i] - phis[i - k]) / phis[i] < k * 5e-4;
    };
    expect(reason.code).toBe("converged");
    expect(reason.message).toContain("0.0005");
    expect(phis.length).toBe(steps + 1);
    expect(phis.findIndex((_, i) => meets(i))).toBe(steps);
    const later = conjugateGradient(poisson1, normals(200, 3), { tolerance: 0, progress: 5e-4, minimum: steps + 5 });
    expect(later.steps).toBe(steps + 5);
  });

  it("ends by the numbers of steps it is given", () => {
    const { steps, reason } = conjugateGradient(system.product, b, { maximum: 4 });
    expect({ steps, reason }).toEqual({ steps: 4, reason: { code: "maximum", message: "The most steps allowed, 4, were made." } });
    expect(conjugateGradient(system.product, b, { maximum: 0 }).x).toEqual(new Float64Array(30));
    expect(conjugateGradient(system.product, b, { minimum: 20, tolerance: 0.5 }).steps).toBe(20);
  });

  it("ends at negative curvature with the iterate before it", () => {
    const indefinite = random([4, 3, 2, 1, -1], 2);
    const right = normals(5, 3);
    const seen: Float64Array[] = [new Float64Array(5)];
    const { steps, x, reason } = conjugateGradient(indefinite.product, right, { onStep: ({ x: live }) => seen.push(live.slice()) });
    expect(reason.code).toBe("negativeCurvature");
    expect(reason.message).toMatch(/was -.*not positive definite; add damping/);
    expect(steps).toBe(seen.length - 1);
    expect(x).toEqual(seen.at(-1));
  });

  it.each([
    [NaN, 3],
    [Infinity, 1],
    [-Infinity, 2],
  ])("ends before a product that holds %d", (value, at) => {
    let calls = 0;
    const seen: Float64Array[] = [new Float64Array(30)];
    const broken: LinearProduct = (v, out) => {
      system.product(v, out);
      if (++calls === at) out[7] = value;
    };
    const { steps, x, phi, reason } = conjugateGradient(broken, b, { onStep: ({ x: live }) => seen.push(live.slice()) });
    expect(reason.code).toBe("nonFinite");
    expect(steps).toBe(at - 1);
    expect(x).toEqual(seen.at(-1));
    expect(phi).toBeLessThanOrEqual(0);
  });

  it("does not begin from a start whose product is not finite", () => {
    const { steps, reason } = conjugateGradient((_v, out) => out.fill(NaN), b, { start: ones(30) });
    expect({ steps, code: reason.code }).toEqual({ steps: 0, code: "nonFinite" });
  });

  it("does not make a step that overflows", () => {
    const { steps, x, reason } = conjugateGradient((v, out) => out.set(v.map((value) => 1e-200 * value)), [1e200, 1e200]);
    expect({ steps, x, code: reason.code }).toEqual({ steps: 0, x: new Float64Array(2), code: "nonFinite" });
  });

  it("hands over what it has when the signal aborts", () => {
    const controller = new AbortController();
    const { steps, reason } = conjugateGradient(system.product, b, {
      signal: controller.signal,
      onStep: ({ step }) => step === 3 && controller.abort(),
    });
    expect({ steps, code: reason.code }).toEqual({ steps: 3, code: "aborted" });
  });
});

describe("steps to keep", () => {
  it("are ceil(5 * 1.3^j)", () => {
    expect(geometricSteps(250)).toEqual([5, 7, 9, 11, 15, 19, 25, 32, 41, 54, 69, 90, 117, 152, 197]);
    expect(geometricSteps(9)).toEqual([5, 7, 9]);
    expect(geometricSteps(4)).toEqual([]);
  });

  it("look back over a tenth of the steps, and ten at least", () => {
    expect([1, 99, 100, 101, 110, 111].map(progressGap)).toEqual([10, 10, 10, 11, 11, 12]);
  });
});

describe("wrong arguments", () => {
  const solve =
    (options: unknown, b: unknown = [1, 2]) =>
    () =>
      conjugateGradient(poisson1, b as number[], options as ConjugateGradientOptions);

  it.each([
    ["product", () => conjugateGradient(undefined as never, [1])],
    ["b", solve({}, [])],
    ["b", solve({}, "12")],
    ["b[1]", solve({}, [1, NaN])],
    ["b[0]", solve({}, new Float32Array([Infinity, 1]))],
    ["options of conjugateGradient", solve(null)],
    ["conjugateGradient.tol", solve({ tol: 1e-5 })],
    ["start", solve({ start: 0 })],
    ["start[1]", solve({ start: [0, -Infinity] })],
    ["preconditioner", solve({ preconditioner: "jacobi" })],
    ["preconditioner[0]", solve({ preconditioner: [0, 1] })],
    ["preconditioner[1]", solve({ preconditioner: [1, -2] })],
    ["preconditioner[1]", solve({ preconditioner: [1, NaN] })],
    ["maximum", solve({ maximum: -1 })],
    ["maximum", solve({ maximum: 2.5 })],
    ["minimum", solve({ minimum: 3, maximum: 2 })],
    ["tolerance", solve({ tolerance: -1 })],
    ["tolerance", solve({ tolerance: NaN })],
    ["progress", solve({ progress: -1e-4 })],
    ["keep", solve({ keep: 5 })],
    ["keep[1]", solve({ keep: [5, 0] })],
    ["signal", solve({ signal: {} })],
    ["onStep", solve({ onStep: 1 })],
  ])("%s is refused by name", (option, run) => {
    expect(run).toThrow(InvalidOptionError);
    expect(run).toThrow(expect.objectContaining({ option }) as Error);
    expect(run).toThrow(/ must be /);
  });

  it("lengths that differ are refused", () => {
    expect(solve({ start: [1] })).toThrow(ShapeError);
    expect(solve({ preconditioner: [1, 1, 1] })).toThrow(/the length of preconditioner is 3; expected 2, the length of b/);
  });

  it("are looked at before a right-hand side of 0 ends the solve", () => {
    expect(solve({ tolerance: -1 }, [0, 0])).toThrow(expect.objectContaining({ option: "tolerance" }) as Error);
  });
});
