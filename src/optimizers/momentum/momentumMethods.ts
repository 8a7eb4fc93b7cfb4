import type { Network } from "../../networks/network.js";
import { describeSchedule } from "../../report/text/describeSchedule.js";
import { formatRate } from "../../report/text/format.js";
import type { Method } from "../method.js";
import type { OptimizerOptions } from "../optimizer.js";
import { checkSinglePrecisionSchedule } from "../singlePrecision.js";
import {
  type ClassicalMomentumDescription,
  checkMomentum,
  checkSgd,
  type MomentumDescription,
  type NesterovDescription,
  type SgdDescription,
} from "./momentumDescriptions.js";
import { MomentumOptimizer } from "./momentumOptimizer.js";

/** What the three methods share: one optimizer and one recurrence do the work of all. */
const shared = {
  options: [],
  schedules: schedulesOf,
  describe: (description: MomentumDescription, updates: number): string => {
    const { learningRate, weightDecay } = description;
    const momentum = description.method === "sgd" ? "no momentum" : `momentum ${describeSchedule(description.momentum, updates)}`;
    const decay = weightDecay === 0 ? "" : `, weight decay ${formatRate(weightDecay)}`;
    return `learning rate ${describeSchedule(learningRate, updates)}, ${momentum}${decay}`;
  },
  remedy: ({ method, weightDecay }: MomentumDescription): string =>
    `lower learningRate${method === "sgd" ? "" : " or momentum"}${weightDecay > 0 ? " or weightDecay" : ""}, ` +
    "or check that the objective is finite around the start",
} as const;

const onNetworks = {
  batching: "minibatches",
  refuses: {},
  vectors: MomentumOptimizer.vectors,
  checkSinglePrecision: (description: MomentumDescription): void => {
    checkSinglePrecisionSchedule("learningRate", description.learningRate, true);
    checkSinglePrecisionSchedule("weightDecay", description.weightDecay);
    if (description.method !== "sgd") checkSinglePrecisionSchedule("momentum", description.momentum);
  },
  create: (network: Network, description: MomentumDescription, options?: OptimizerOptions): MomentumOptimizer =>
    new MomentumOptimizer(network, description, options),
} as const;

export const sgdMethod = {
  name: "sgd",
  label: "SGD",
  title: "gradient descent",
  style: 0,
  check: checkSgd,
  ...shared,
  network: { ...onNetworks, start: ({ learningRate }) => ({ method: "sgd", learningRate }) },
} as const satisfies Method<SgdDescription>;

export const classicalMomentumMethod = {
  name: "classicalMomentum",
  label: "CM",
  title: "classical momentum",
  style: 1,
  check: (given) => checkMomentum("classicalMomentum", given),
  ...shared,
  network: { ...onNetworks, start: ({ learningRate, momentum }) => ({ method: "classicalMomentum", learningRate, momentum }) },
} as const satisfies Method<ClassicalMomentumDescription>;

export const nesterovMethod = {
  name: "nesterov",
  label: "NAG",
  title: "Nesterov momentum",
  style: 2,
  check: (given) => checkMomentum("nesterov", given),
  ...shared,
  network: { ...onNetworks, start: ({ learningRate, momentum }) => ({ method: "nesterov", learningRate, momentum }) },
} as const satisfies Method<NesterovDescription>;

function schedulesOf(description: MomentumDescription): Record<string, MomentumDescription["learningRate"]> {
  const { learningRate } = description;
  return description.method === "sgd" ? { learningRate } : { learningRate, momentum: description.momentum };
}
