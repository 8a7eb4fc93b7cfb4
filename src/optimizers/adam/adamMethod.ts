import { checkSinglePrecision } from "../../boundary/singlePrecision.js";
import { InvalidOptionError } from "../../errors.js";
import { describeSchedule } from "../../report/text/describeSchedule.js";
import { formatRate } from "../../report/text/format.js";
import type { Method } from "../method.js";
import { checkSinglePrecisionSchedule } from "../singlePrecision.js";
import { type AdamDescription, checkAdam } from "./adamDescription.js";
import { AdamOptimizer } from "./adamOptimizer.js";

export const adamMethod = {
  name: "adam",
  label: "Adam",
  title: "Adam",
  style: 4,
  options: [
    {
      name: "beta1",
      kind: "number",
      value: "X",
      help: "decay of the gradient's running mean (default 0.9)",
      path: "optimizer.beta1",
    },
    {
      name: "beta2",
      kind: "number",
      value: "X",
      help: "decay of the running mean of its square (default 0.999)",
      path: "optimizer.beta2",
    },
    {
      name: "epsilon",
      kind: "number",
      value: "X",
      help: "added to the root of that mean (default 1e-8)",
      path: "optimizer.epsilon",
    },
    {
      name: "decoupled",
      kind: "flag",
      help: "AdamW: weight decay shrinks the parameters by itself instead of\njoining the gradient",
      path: "optimizer.decoupled",
      sets: true,
    },
  ],
  check: checkAdam,
  schedules: ({ learningRate }) => ({ learningRate }),
  remedy: ({ weightDecay }) =>
    `lower learningRate${weightDecay > 0 ? " or weightDecay" : ""}, or check that the objective is finite around the start`,
  describe: ({ learningRate, beta1, beta2, epsilon, weightDecay, decoupled }, updates) => {
    const betas = `beta1 ${beta1}, beta2 ${beta2}, epsilon ${formatRate(epsilon)}`;
    const decay = weightDecay === 0 ? "" : `, ${decoupled ? "decoupled " : ""}weight decay ${formatRate(weightDecay)}`;
    return `learning rate ${describeSchedule(learningRate, updates)}, ${betas}${decay}`;
  },
  network: {
    batching: "minibatches",
    refuses: {
      "momentum-max": "whose momentum is --beta1",
      period: "whose momentum is --beta1",
      "final-updates": "whose momentum is --beta1",
    },
    vectors: AdamOptimizer.vectors,
    start: () => ({ method: "adam" }),
    checkSinglePrecision: checkSinglePrecisionNumbers,
    create: (network, description, options) => new AdamOptimizer(network, description, options),
  },
} as const satisfies Method<AdamDescription>;

/** The gradients that the kernels take for 0 (assembly/optimize/adam.ts) are small beside it, and would hardly have moved a parameter. */
const SMALLEST_EPSILON = 1e-15;

function checkSinglePrecisionNumbers({ learningRate, weightDecay, beta1, beta2, epsilon }: AdamDescription): void {
  checkSinglePrecisionSchedule("learningRate", learningRate, true);
  checkSinglePrecisionSchedule("weightDecay", weightDecay);
  for (const [option, beta] of Object.entries({ beta1, beta2 })) {
    checkSinglePrecision(option, beta);
    if (Math.fround(beta) === 1) throw new InvalidOptionError(option, beta, "at most 0.9999999, as the kernels compute in f32");
  }
  if (epsilon < SMALLEST_EPSILON) {
    throw new InvalidOptionError("epsilon", epsilon, "at least 1e-15 on a network: the kernels take gradients below 3e-18 for 0");
  }
  checkSinglePrecision("epsilon", epsilon, true);
}
