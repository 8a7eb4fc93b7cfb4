import { checkInteger } from "../../validate.js";
import { checkPlane, type PlaneQuadratic, planeOptions } from "../planeQuadratic.js";
import { checkStudyOptions, type OptionsOf, type StudyOption } from "../study.js";

/** Figure 1 of the paper: the vectors of one update of CM and of NAG. */
export interface Figure1Spec extends PlaneQuadratic {
  readonly study: "figure1";
  /** Updates of CM before the one that is shown: they give it its theta_t and v_t. */
  readonly updates: number;
  readonly start: readonly [number, number];
}

export const figure1OptionTable = {
  ...planeOptions({ conditionNumber: 4, momentum: 0.9, learningRate: 0.125 }),
  /** t: updates of CM before the one that is shown, from 1 to 100. Default 2. */
  updates: {
    flag: "updates",
    kind: "number",
    value: "N",
    help: "updates of CM before the one that is shown, from 1 to 100\n(default 2)",
    standard: 2,
    check: (option, value) => checkInteger(option, value, 1, 100),
  },
} as const satisfies Readonly<Record<string, StudyOption<number>>>;

export type Figure1Options = OptionsOf<typeof figure1OptionTable>;

/** Validates options and fills in defaults: the whole study as plain data. Throws InvalidOptionError. */
export function figure1Spec(options: unknown = {}): Figure1Spec {
  const values = checkPlane(checkStudyOptions("figure1", figure1OptionTable, options));
  return { study: "figure1", ...values, start: [-4, 2] };
}
