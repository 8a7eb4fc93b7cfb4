import { minimize } from "../../optimizers/minimize.js";
import type { Statement } from "../statement.js";
import type { StudyProgress } from "../study.js";
import { bounds } from "./bound.js";
import { effectiveMomentum } from "./effectiveMomentum.js";
import { equivalence } from "./equivalence.js";
import type { TheoremNumbers } from "./numbers.js";
import { asPublished } from "./published1983.js";
import { rotation } from "./rotation.js";
import type { TheoremSpec } from "./spec.js";
import { speedUp } from "./speedUp.js";
import { judge } from "./statements.js";
import type { Methods, Part } from "./trajectory.js";

/** What the study found, as plain data: the same for the same spec on every engine. */
export interface TheoremResult extends TheoremNumbers {
  readonly statements: readonly Statement[];
}

/**
 * Where each part begins, and its length, as shares of the time. Guesses, on which only the time left depends: as measured for 20
 * dimensions and 2,000 updates. With more dimensions gradient descent on the worst quadratic, in the last part, takes a larger one.
 */
const PARTS = {
  effectiveMomentum: { begins: 0, length: 0.2, words: "Theorem 2.1" },
  rotation: { begins: 0.2, length: 0.06, words: "Proposition 6.1" },
  equivalence: { begins: 0.26, length: 0.04, words: "the method of 1983" },
  bounds: { begins: 0.3, length: 0.04, words: "its bound" },
  speedUp: { begins: 0.34, length: 0.66, words: "iterations against condition numbers" },
} as const;

type Work<Result> = Generator<StudyProgress, Result, void>;

const LIBRARY: Methods = { minimize, published1983: asPublished };

/**
 * Computes what the paper states about momentum on quadratics, with the library's optimizers in f64, and judges each statement by its
 * numbers. `methods` are other optimizers to judge. May be left at any yield.
 */
export function* runTheorem(spec: TheoremSpec, methods = LIBRARY): Work<TheoremResult> {
  const numbers = {
    spec,
    effectiveMomentum: yield* inPart("effectiveMomentum", effectiveMomentum(spec, methods)),
    rotation: yield* inPart("rotation", rotation(spec, methods)),
    equivalence: yield* inPart("equivalence", equivalence(spec, methods)),
    bounds: yield* inPart("bounds", bounds(spec, methods)),
    speedUp: yield* inPart("speedUp", speedUp(spec, methods)),
  };
  return { ...numbers, statements: judge(numbers) };
}

function* inPart<Numbers>(name: keyof typeof PARTS, part: Part<Numbers>): Work<Numbers> {
  const { begins, length, words } = PARTS[name];
  for (;;) {
    const next = part.next();
    if (next.done) return next.value;
    yield { share: begins + length * next.value, detail: words };
  }
}
