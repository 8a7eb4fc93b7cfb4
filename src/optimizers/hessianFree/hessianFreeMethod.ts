import { checkSinglePrecision } from "../../boundary/singlePrecision.js";
import { InvalidOptionError } from "../../errors.js";
import { geometricSteps } from "../conjugateGradient/conjugateGradientReason.js";
import { KernelConjugateGradient } from "../conjugateGradient/kernelConjugateGradient.js";
import type { Method } from "../method.js";
import { checkSinglePrecisionSchedule, levelsOf } from "../singlePrecision.js";
import { changeHessianFree } from "./changeHessianFree.js";
import { describeHessianFree } from "./describeHessianFree.js";
import { checkHessianFree, type HessianFreeDescription, STANDARD_STEPS } from "./hessianFreeDescription.js";
import { NetworkProblem } from "./hessianFreeNetwork.js";
import { HessianFreeOptimizer } from "./hessianFreeOptimizer.js";
import { hessianFreeOptions } from "./hessianFreeOptions.js";
import { hessianFreeSchedules } from "./hessianFreeSchedules.js";

export const hessianFreeMethod = {
  name: "hessianFree",
  label: "HF",
  title: "Hessian-free optimization",
  style: 3,
  options: hessianFreeOptions,
  check: checkHessianFree,
  schedules: hessianFreeSchedules,
  remedy: () => "lower learningRate, raise damping.initial, or check that the objective is finite around the start",
  describe: describeHessianFree,
  network: {
    batching: "gradientAndCurvature",
    vectors: NetworkProblem.vectors + KernelConjugateGradient.vectors + geometricSteps(STANDARD_STEPS).length,
    // Of curves as many as Martens' run takes to an error of 0.4, of a recurrent problem 30,000 steps of conjugate gradient.
    updates: 100,
    start: () => ({ method: "hessianFree" }),
    refuses: {
      "momentum-max": "whose momentum is --cg-decay",
      period: "whose momentum is --cg-decay",
      "final-updates": "whose momentum is --cg-decay",
      "batch-size": "whose batches are --gradient-cases and --curvature-cases",
    },
    change: changeHessianFree,
    checkSinglePrecision: checkSinglePrecisionNumbers,
    create: (network, description, options) => new HessianFreeOptimizer(network, description, options),
  },
} as const satisfies Method<HessianFreeDescription>;

/**
 * lambda times the mu of structural damping is one number to the kernels; lambda lies within these bounds as soon as it moves
 * (dampingRule.ts).
 */
const SMALLEST_STRUCTURAL = 2 ** -63;
const LARGEST_STRUCTURAL = 2 ** 63;

function checkSinglePrecisionNumbers(description: HessianFreeDescription): void {
  const { learningRate, weightDecay, damping, structuralDamping, conjugateGradient, preconditioner } = description;
  checkSinglePrecisionSchedule("learningRate", learningRate, true);
  checkSinglePrecisionSchedule("weightDecay", weightDecay);
  checkSinglePrecision("damping.initial", damping.initial);
  checkSinglePrecisionSchedule("conjugateGradient.decay", conjugateGradient.decay);
  if (typeof preconditioner === "object") checkSinglePrecisionSchedule("preconditioner.exponent", preconditioner.exponent);
  for (const [option, level] of levelsOf("structuralDamping", structuralDamping)) {
    if (level !== 0 && (level < SMALLEST_STRUCTURAL || level > LARGEST_STRUCTURAL)) {
      throw new InvalidOptionError(option, level, "0 or from 1.1e-19 to 9.2e18: the kernels compute its product with lambda in f32");
    }
  }
}
