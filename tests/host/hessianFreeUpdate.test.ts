import { DivergedError } from "heavyball";
import { describe, expect, it } from "vitest";
import type { HessianFreeSettings } from "#internal/optimizers/hessianFree/hessianFreeSettings";
import {
  type HessianFreeProblem,
  type HessianFreeSystem,
  hessianFreeUpdate,
  runThrough,
} from "#internal/optimizers/hessianFree/hessianFreeUpdate";

const SETTINGS: HessianFreeSettings = {
  update: 7,
  learningRate: 1,
  lineSearch: true,
  backtracking: true,
  drop: 0.5,
  structuralDamping: 0,
  maximum: 20,
  minimum: 1,
  decay: 0.9,
  progress: 0,
  exponent: undefined,
  gradientCases: "all",
  curvatureCases: "gradient",
  weightDecay: 0,
};

interface Script {
  readonly theta: number;
  /** The loss on the search's cases, and on the curvature's where they are others. */
  readonly f: (theta: number) => number;
  readonly bent?: (theta: number) => number;
  readonly slope: number;
  /** G. */
  readonly curvature: number;
  /** What conjugate gradient is to give: pairs of step and x, the last one last. */
  readonly iterates: readonly (readonly [step: number, x: number])[];
}

type Vector = [number];

/** A problem with one parameter, whose solver says what it is told to. */
class Scripted implements HessianFreeProblem<Vector> {
  readonly theta: Vector;
  readonly right: Vector = [NaN];
  remembered: number | undefined = 123;
  system: HessianFreeSystem | undefined;
  readonly tried: string[] = [];
  readonly searchesOnCurvature: boolean;
  readonly rounding = 2 ** -40;

  constructor(readonly script: Script) {
    this.theta = [script.theta];
    this.searchesOnCurvature = script.bent === undefined;
  }

  *differentiate(weightDecay: number) {
    yield { step: 0, of: 1 };
    const { f, bent = f, slope } = this.script;
    const [theta] = this.theta;
    this.right[0] = -(slope + weightDecay * theta);
    return { loss: f(theta), curvatureLoss: bent(theta), searchLoss: f(theta) };
  }

  *solve(system: HessianFreeSystem) {
    yield { step: 0, of: system.maximum };
    this.system = system;
    const all = this.script.iterates.map(([step, x]) => ({
      step,
      x: [x] as Vector,
      phi: 0.5 * (this.script.curvature + system.shift) * x * x - this.right[0] * x,
    }));
    return { last: all.at(-1)!, iterates: all.slice(0, -1), reason: { code: "maximum" as const, message: "Told to." } };
  }

  *lossAt(cases: "curvature" | "search", [direction]: Vector, rate: number) {
    yield { step: 0, of: 1 };
    const { f, bent = f } = this.script;
    this.tried.push(`${cases} ${direction} ${rate}`);
    return (cases === "search" ? f : bent)(this.theta[0] + rate * direction);
  }

  dot([a]: Vector, [b]: Vector): number {
    return a * b;
  }

  norm([a]: Vector): number {
    return Math.abs(a);
  }

  move([direction]: Vector, factor: number): void {
    this.theta[0] += factor * direction;
  }

  remember(x: Vector | undefined): void {
    this.remembered = x?.[0];
  }
}

const run = (script: Script, settings: Partial<HessianFreeSettings> = {}, lambda = 2) => {
  const problem = new Scripted(script);
  return { problem, ...runThrough(hessianFreeUpdate(problem, { ...SETTINGS, ...settings }, lambda)) };
};

/** f = theta^2 / 2 from theta = 1, where -1 is the Newton step. */
const bowl = (iterates: Script["iterates"], more: Partial<Script> = {}): Script => ({
  theta: 1,
  f: (x) => 0.5 * x * x,
  slope: 1,
  curvature: 1,
  iterates,
  ...more,
});

describe("an update of Hessian-free", () => {
  it("hands the system over: lambda and weight decay on the diagonal, lambda mu for structural damping, iterates to keep", () => {
    const { problem } = run(bowl([[4, -1]]), { weightDecay: 0.25, structuralDamping: 0.1, exponent: 0.75 });
    expect(problem.system).toEqual({
      shift: 2.25,
      structural: 0.2,
      exponent: 0.75,
      decay: 0.9,
      maximum: 20,
      minimum: 1,
      progress: 0,
      keep: [5, 7, 9, 11, 15, 19],
    });
    expect(problem.right[0]).toBe(-1.25);
    expect(run(bowl([[4, -1]]), { backtracking: false }).problem.system!.keep).toEqual([]);
  });

  describe("the reduction ratio", () => {
    it("is 1 for a model that is exact, lambda's own damping removed and weight decay kept", () => {
      for (const weightDecay of [0, 0.3]) {
        for (const x of [-1, -0.5, -1.2]) expect(run(bowl([[4, x]]), { weightDecay }).rho).toBeCloseTo(1, 12);
      }
    });

    it.each([
      [0.2, 4],
      [0.2499, 4],
      [0.25, 2],
      [0.5, 2],
      [0.75, 2],
      [0.7501, 1],
      [1.4, 1],
    ])("of %d makes lambda %d where it was 2 and the drop is 1/2", (rho, lambda) => {
      // The model promises 1/2 for the step -1.
      const { rho: seen, nextLambda, lambda: used } = run(bowl([[4, -1]], { bent: (x) => (x === 1 ? 0 : -0.5 * rho) }));
      expect(seen).toBeCloseTo(rho, 12);
      expect(used).toBe(2);
      expect(nextLambda).toBe(lambda);
    });

    it("is -Infinity where f rose on the curvature's cases, and lambda rises", () => {
      const { rho, nextLambda, lineSearchRate } = run(bowl([[4, -1]], { bent: (x) => (x === 1 ? 0 : 1e-9) }));
      expect(rho).toBe(-Infinity);
      expect(nextLambda).toBe(4);
      expect(lineSearchRate).toBe(1);
    });

    it("takes the chosen iterate, not the last", () => {
      const { rho, problem } = run(
        bowl(
          [
            [5, -1],
            [9, -1.5],
          ],
          { bent: (x) => 0.5 * x * x },
        ),
      );
      expect(problem.tried.at(-1)).toBe("curvature -1 1");
      expect(rho).toBeCloseTo(1, 12);
    });

    it("costs no evaluation of its own where the curvature's cases are the search's", () => {
      expect(run(bowl([[4, -1]])).problem.tried).toEqual(["search -1 1"]);
      expect(run(bowl([[4, -1]]), { lineSearch: false, backtracking: false }).problem.tried).toEqual(["curvature -1 1"]);
    });
  });

  describe("backtracking", () => {
    it("goes from the last iterate to earlier ones while f does not rise, and stops at the first rise", () => {
      const { problem, chosenStep, conjugateGradientSteps } = run(
        bowl([
          [5, -1],
          [7, -0.5],
          [9, -0.9],
          [11, -1.2],
          [12, -1.2],
        ]),
      );
      expect(problem.tried.map((trial) => trial.split(" ")[1])).toEqual(["-1.2", "-1.2", "-0.9", "-0.5"]);
      expect(chosenStep).toBe(9);
      expect(conjugateGradientSteps).toBe(12);
      expect(problem.theta[0]).toBeCloseTo(0.1, 15);
      expect(problem.remembered).toBe(-1.2);
    });

    it("leaves an iterate at which f is not finite", () => {
      const { chosenStep } = run(
        bowl(
          [
            [5, -1],
            [7, -9],
            [9, -99],
          ],
          { f: (x) => (x < -5 ? Infinity : 0.5 * x * x) },
        ),
      );
      expect(chosenStep).toBe(5);
    });

    it("is not made where it is not asked for", () => {
      const { problem, chosenStep } = run(
        bowl([
          [5, -1],
          [9, -1.5],
        ]),
        { backtracking: false },
      );
      expect(chosenStep).toBe(9);
      expect(problem.theta[0]).toBe(-0.5);
    });
  });

  describe("the line search", () => {
    it("shortens by 0.8 until f has fallen by a hundredth of what the slope promises", () => {
      const { problem, lineSearchRate } = run(bowl([[4, -3]]));
      // f(1 - 3 rate) <= 1/2 - 0.03 rate from rate 0.66 on.
      expect(lineSearchRate).toBeCloseTo(0.64, 15);
      expect(problem.theta[0]).toBe(1 - 3 * lineSearchRate);
      expect(problem.remembered).toBe(-3);
    });

    it("gives up after 60 trials: no step, and the next solve starts from 0", () => {
      const { problem, lineSearchRate, nextLambda, rho } = run(bowl([[4, -1]], { f: (x) => Math.abs(x - 1) }));
      expect(lineSearchRate).toBe(0);
      expect(problem.tried.length).toBe(61);
      expect(problem.theta[0]).toBe(1);
      expect(problem.remembered).toBeUndefined();
      expect(rho).toBe(-Infinity);
      expect(nextLambda).toBe(4);
    });

    it("lets no direction that is no descent raise f", () => {
      const { problem, lineSearchRate } = run(bowl([[4, 1]]));
      expect(lineSearchRate).toBe(0);
      expect(problem.theta[0]).toBe(1);
    });

    it("counts the weight decay", () => {
      // The loss alone falls all the way to -2; with (1/2)|theta|^2 the step from 0 to 4 is not worth it.
      const script: Script = { theta: 0, f: (x) => -0.5 * x, slope: -0.5, curvature: 0, iterates: [[4, 4]] };
      expect(run(script, { weightDecay: 0 }).lineSearchRate).toBe(1);
      const rate = run(script, { weightDecay: 1 }).lineSearchRate;
      expect(rate).toBeLessThan(0.25);
      expect(rate).toBeGreaterThan(0.8 * 0.245);
    });

    it("is not made by the momentum variant, which takes the last iterate times the learning rate", () => {
      const { problem, lineSearchRate, learningRate } = run(
        bowl([
          [5, -1],
          [9, -3],
        ]),
        { lineSearch: false, backtracking: false, learningRate: 0.5 },
      );
      expect(lineSearchRate).toBe(1);
      expect(learningRate).toBe(0.5);
      expect(problem.theta[0]).toBe(-0.5);
    });

    it("takes no step to where f is not finite even without it: lambda rises and the next solve starts from 0", () => {
      for (const settings of [
        { lineSearch: false, backtracking: false },
        { lineSearch: false, backtracking: true },
      ]) {
        const { problem, rho, nextLambda, lineSearchRate } = run(bowl([[5, -3]], { f: (x) => (x < 0 ? Infinity : 0.5 * x * x) }), settings);
        expect([rho, nextLambda, lineSearchRate]).toEqual([-Infinity, 4, 0]);
        expect(problem.theta[0]).toBe(1);
        expect(problem.remembered).toBeUndefined();
      }
    });
  });

  it("takes no step where the solver has none, and raises lambda", () => {
    for (const x of [0, NaN, Infinity]) {
      const { problem, rho, nextLambda, lineSearchRate } = run(bowl([[0, x]]));
      expect(rho).toBeNaN();
      expect(nextLambda).toBe(4);
      expect(lineSearchRate).toBe(0);
      expect(problem.theta[0]).toBe(1);
      expect(problem.remembered).toBeUndefined();
    }
  });

  it("rests where the gradient is 0", () => {
    const { problem, reason, nextLambda, conjugateGradientSteps } = run(bowl([[4, -1]], { slope: 0 }));
    expect(reason).toEqual({ code: "converged", message: "The gradient is 0: there is nothing to solve." });
    expect(nextLambda).toBe(2);
    expect(conjugateGradientSteps).toBe(0);
    expect(problem.system).toBeUndefined();
    expect(problem.theta[0]).toBe(1);
  });

  it("throws DivergedError for a gradient that is not finite", () => {
    for (const slope of [NaN, Infinity]) {
      expect(() => run(bowl([[4, -1]], { slope }))).toThrow(DivergedError);
      expect(() => run(bowl([[4, -1]], { slope }))).toThrow(/at update 7: the gradient is not finite/);
    }
  });

  it("says how far it is, phase by phase, and changes nothing before its end", () => {
    const problem = new Scripted(
      bowl([
        [5, -0.5],
        [9, -0.9],
        [12, -1.2],
      ]),
    );
    const work = hessianFreeUpdate(problem, SETTINGS, 2);
    const phases: string[] = [];
    for (let next = work.next(); !next.done; next = work.next()) {
      const { update, phase, step, of } = next.value;
      expect(update).toBe(7);
      expect(step).toBeLessThanOrEqual(of);
      expect(problem.theta[0]).toBe(1);
      expect(problem.remembered).toBe(123);
      if (phases.at(-1) !== phase) phases.push(phase);
    }
    expect(phases).toEqual(["gradient", "conjugateGradient", "search"]);
    expect(problem.theta[0]).not.toBe(1);
  });
});
