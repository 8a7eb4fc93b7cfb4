import { checkTrialSpec } from "heavyball";
import { RandomStream } from "#internal/random/stream";
import type { DataArrays } from "#internal/tasks/data/arrays";
import type { PreparedData } from "#internal/tasks/data/preparedData";
import { prepareTask } from "#internal/trials/trial";

/** Points around three centers, far from each other, in turns. */
export function clusters(cases = 90): DataArrays {
  const stream = new RandomStream(5, "clusters");
  const centers = [
    [-3, 0],
    [3, 1],
    [0, 4],
  ];
  const inputs = Float32Array.from({ length: 2 * cases }, (_, at) => centers[(at >> 1) % 3][at & 1] + 0.4 * stream.normal());
  const targets = Float32Array.from({ length: 3 * cases }, (_, at) => (at % 3 === Math.floor(at / 3) % 3 ? 1 : 0));
  return { inputs, targets, cases, classes: ["left", "right", "above"] };
}

/** (2 a - b + 0.5, b) of two numbers. */
export function line(cases = 80): DataArrays {
  const stream = new RandomStream(6, "line");
  const inputs = Float32Array.from({ length: 2 * cases }, () => 4 * stream.uniform() - 1);
  const targets = inputs.map((value, at) => (at % 2 === 0 ? 2 * value - inputs[at + 1] + 0.5 : value));
  return { inputs, targets, cases };
}

export const nesterov = { method: "nesterov", learningRate: 0.1, momentum: { schedule: "constant", value: 0.9 } };
export const spec = (task: object = {}, parts: object = {}) => ({
  task: { name: "data", hidden: [6], ...task },
  optimizer: nesterov,
  batchSize: 12,
  updates: 60,
  ...parts,
});
export const prepare = (data: unknown, task: object = {}, parts: object = {}) =>
  prepareTask(checkTrialSpec(spec(task, parts)), data) as PreparedData;
