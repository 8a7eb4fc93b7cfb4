import { quadratic } from "../../objectives/quadratic.js";
import type { OptimizerDescription } from "../../optimizers/index.js";
import { minimize } from "../../optimizers/minimize.js";
import { classicalMomentum, nesterov, sgd } from "../../optimizers/momentum/momentumDescriptions.js";
import { rateLimits } from "../planeQuadratic.js";
import { type Statement, statement } from "../statement.js";
import type { StudyProgress } from "../study.js";
import { trajectory } from "../trajectory.js";
import { type Figure2Spec, SETTLED } from "./spec.js";

/** The three methods, each with the name that it has in the figure. */
export const contestants = {
  descent: { label: "GD", optimizer: ({ learningRate }: Figure2Spec) => sgd({ learningRate }) },
  classicalMomentum: {
    label: "CM",
    optimizer: ({ learningRate, momentum }: Figure2Spec) => classicalMomentum({ learningRate, momentum }),
  },
  nesterov: { label: "NAG", optimizer: ({ learningRate, momentum }: Figure2Spec) => nesterov({ learningRate, momentum }) },
} as const satisfies Readonly<Record<string, { label: string; optimizer(spec: Figure2Spec): OptimizerDescription }>>;

/** The methods that are set beside each other. */
export type Figure2Contestant = keyof typeof contestants;

export const contestantNames = Object.keys(contestants) as readonly Figure2Contestant[];

/** What one method does. */
export interface Figure2Way {
  /** (x, y) at the start and after every update. */
  readonly points: readonly (readonly [number, number])[];
  /** Largest |y| after update 5. */
  readonly swing: number;
  /** x, y and the value of the quadratic after the last update. */
  readonly last: { readonly x: number; readonly y: number; readonly value: number };
  /** The rate from which on it diverges here. */
  readonly rateLimit: number;
}

/** The way of each method. */
export type Figure2Ways = Readonly<Record<Figure2Contestant, Figure2Way>>;

/** What the study found, as plain data: the same for the same spec on every engine. */
export interface Figure2Result {
  readonly spec: Figure2Spec;
  readonly ways: Figure2Ways;
  readonly statements: readonly Statement[];
}

/**
 * Minimizes (x^2 + R y^2) / 2 by gradient descent, CM and NAG from one start, at rest, with one rate, by the library's optimizers in f64.
 * `run` is another `minimize` to judge.
 */
export function* runFigure2(spec: Figure2Spec, run = minimize): Generator<StudyProgress, Figure2Result, void> {
  const ways: Partial<Record<Figure2Contestant, Figure2Way>> = {};
  for (const [at, name] of contestantNames.entries()) {
    yield { share: at / contestantNames.length, detail: contestants[name].label };
    ways[name] = wayOf(spec, name, run);
  }
  return { spec, ways: ways as Figure2Ways, statements: judge(spec, ways as Figure2Ways) };
}

function wayOf(spec: Figure2Spec, name: Figure2Contestant, run: typeof minimize): Figure2Way {
  const { conditionNumber, momentum, updates, start } = spec;
  const objective = quadratic({ eigenvalues: [1, conditionNumber] });
  const { theta } = trajectory(run, objective, Float64Array.from(start), contestants[name].optimizer(spec), updates);
  const points = [start, ...theta.map(([x, y]) => [x, y] as const)];
  const [x, y] = points[points.length - 1];
  return {
    points,
    swing: Math.max(...points.slice(SETTLED + 1).map((point) => Math.abs(point[1]))),
    last: { x, y, value: objective.gradient(Float64Array.of(x, y), new Float64Array(2)) },
    rateLimit: rateLimits[name](momentum, conditionNumber),
  };
}

/** "Almost not": a tenth. */
const ALMOST = 0.1;

/** The verdicts, from the ways alone. */
export function judge({ updates, start }: Figure2Spec, { descent, classicalMomentum: cm, nesterov: nag }: Figure2Ways): Statement[] {
  const ahead = (name: string, label: string, { last }: Figure2Way): Statement =>
    statement(
      `${name}.ahead`,
      `${label} is further along the flat direction than GD`,
      `|x| after ${updates} updates over GD's`,
      Math.abs(last.x) / Math.abs(descent.last.x),
      1,
    );
  return [
    statement(
      "classicalMomentum.swings",
      "CM oscillates in the steep direction",
      `the first |y| over CM's largest after update ${SETTLED}`,
      Math.abs(start[1]) / cm.swing,
      2,
    ),
    statement(
      "nesterov.steady",
      "NAG almost does not",
      `NAG's largest |y| after update ${SETTLED} over CM's`,
      nag.swing / cm.swing,
      ALMOST,
    ),
    ahead("classicalMomentum", "CM", cm),
    ahead("nesterov", "NAG", nag),
  ];
}
