import { checkInteger } from "../../validate.js";
import { checkPlane, type PlaneQuadratic, planeOptions } from "../planeQuadratic.js";
import { checkStudyOptions, type OptionsOf, type StudyOption } from "../study.js";

/** Figure 2 of the paper: the ways of gradient descent, CM and NAG on an oblong quadratic of two parameters. */
export interface Figure2Spec extends PlaneQuadratic {
  readonly study: "figure2";
  readonly updates: number;
  readonly start: readonly [number, number];
}

/** Updates after which oscillations count: the first come from the start, whatever the method. */
export const SETTLED = 5;

export const figure2OptionTable = {
  ...planeOptions({ conditionNumber: 50, momentum: 0.95, learningRate: 0.015 }),
  /** Updates of each method, from 10 to 150. Default 60. */
  updates: {
    flag: "updates",
    kind: "number",
    value: "N",
    help: "updates of each method, from 10 to 150 (default 60)",
    standard: 60,
    check: (option, value) => checkInteger(option, value, 10, 150),
  },
} as const satisfies Readonly<Record<string, StudyOption<number>>>;

export type Figure2Options = OptionsOf<typeof figure2OptionTable>;

/** Validates options and fills in defaults: the whole study as plain data. Throws InvalidOptionError. */
export function figure2Spec(options: unknown = {}): Figure2Spec {
  const values = checkPlane(checkStudyOptions("figure2", figure2OptionTable, options));
  return { study: "figure2", ...values, start: [-4, 1] };
}
