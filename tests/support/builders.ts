import {
  adam,
  addition,
  autoencoder,
  classicalMomentum,
  conjugateGradient,
  curves,
  dense,
  echoState,
  feedForward,
  hessianFree,
  memory5,
  memory20,
  minibatches,
  minimize,
  multiplication,
  nesterov,
  nesterov1983,
  quadratic,
  recurrent,
  schedules,
  sgd,
  sparse,
} from "heavyball";
import { checkTrialSpec } from "#internal/trials/spec";

/** Something that takes options: good ones, and every name it knows with a value of the right kind. */
export interface Builder {
  readonly name: string;
  readonly make: (options: never) => unknown;
  readonly options: Readonly<Record<string, unknown>>;
}

const final = { from: 10, value: 0.5 };
const data = { inputs: new Float32Array(12), targets: new Float32Array(12), cases: 6 };
const writes = (v: Float64Array, out: Float64Array): void => out.set(v);

/** One entry for each public builder and solver; an option of every one stands in `options`. */
export const BUILDERS: readonly Builder[] = [
  { name: "feedForward", make: feedForward, options: { sizes: [3, 2], activations: ["linear"], loss: "squared" } },
  {
    name: "autoencoder",
    make: autoencoder,
    options: { encoder: [3, 2], hidden: "tanh", code: "linear", output: "linear", loss: "squared" },
  },
  { name: "recurrent", make: recurrent, options: { inputs: 2, hidden: 3, outputs: 1, output: "linear", loss: "squared" } },
  { name: "sparse", make: sparse, options: { fanIn: 15, scale: 1, biases: 0, seed: 1 } },
  { name: "dense", make: dense, options: { distribution: "gaussian", scale: 1, biases: 0, seed: 1 } },
  {
    name: "echoState",
    make: echoState,
    options: { inputScale: 1, fanIn: 15, spectralRadius: 1, outputScale: 1, outputBiases: [1], seed: 1 },
  },
  { name: "sgd", make: sgd, options: { learningRate: 0.1, weightDecay: 0 } },
  { name: "classicalMomentum", make: classicalMomentum, options: { learningRate: 0.1, momentum: 0.9, weightDecay: 0 } },
  { name: "nesterov", make: nesterov, options: { learningRate: 0.1, momentum: 0.9, weightDecay: 0 } },
  { name: "nesterov1983", make: nesterov1983, options: { initialRate: 1, maximumHalvings: 5 } },
  {
    name: "adam",
    make: adam,
    options: { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decoupled: true },
  },
  {
    name: "hessianFree",
    make: hessianFree,
    options: {
      variant: "standard",
      learningRate: 1,
      lineSearch: true,
      backtracking: true,
      damping: {},
      structuralDamping: 0,
      conjugateGradient: {},
      preconditioner: "auto",
      gradientCases: "all",
      curvatureCases: "gradient",
      weightDecay: 0,
    },
  },
  { name: "damping", make: (damping: never) => hessianFree({ damping }), options: { initial: 45, drop: 0.5 } },
  {
    name: "conjugateGradient",
    make: (solver: never) => hessianFree({ conjugateGradient: solver }),
    options: { maximum: 20, minimum: 1, decay: 0.9, progress: 0 },
  },
  { name: "preconditioner", make: (preconditioner: never) => hessianFree({ preconditioner }), options: { exponent: 0.5 } },
  { name: "schedules.constant", make: schedules.constant, options: { value: 1, final } },
  { name: "schedules.sutskever", make: schedules.sutskever, options: { max: 0.9, period: 10, final } },
  { name: "schedules.nesterov1983", make: schedules.nesterov1983, options: { final } },
  { name: "schedules.piecewise", make: schedules.piecewise, options: { values: [1, 2], at: [3], final } },
  { name: "schedules.inverse", make: schedules.inverse, options: { numerator: 1, offset: 0, max: 1, final } },
  {
    name: "schedules.constant.final",
    make: (last: never) => schedules.constant({ value: 1, final: last }),
    options: { from: 10, value: 0.5 },
  },
  { name: "curves", make: curves, options: { cases: 2, seed: 1, set: "train" } },
  { name: "addition", make: addition, options: { length: 10, target: "sum", flags: true, centered: true, initialHidden: "zero", seed: 1 } },
  { name: "multiplication", make: multiplication, options: { length: 10, flags: true, centered: true, initialHidden: "zero", seed: 1 } },
  { name: "memory5", make: memory5, options: { length: 30, lengthMeans: "total", scored: "last", initialHidden: "zero", seed: 1 } },
  { name: "memory20", make: memory20, options: { length: 30, lengthMeans: "total", scored: "last", initialHidden: "zero", seed: 1 } },
  { name: "minibatches", make: (options: never) => minibatches(data, options), options: { size: 2, updates: 3, seed: 1, from: 0 } },
  {
    name: "data",
    make: (given: never) => minibatches(given, { size: 1 }),
    options: { ...data, mask: new Float32Array(6), steps: 1, features: 2 },
  },
  { name: "quadratic", make: quadratic, options: { matrix: [[1]], linear: [1] } },
  {
    name: "conjugateGradient",
    make: (options: never) => conjugateGradient(writes, [1, 2], options),
    options: {
      start: [0, 0],
      preconditioner: [1, 1],
      maximum: 5,
      minimum: 1,
      tolerance: 0,
      progress: 0,
      keep: [1],
      signal: new AbortController().signal,
      onStep: () => undefined,
    },
  },
  {
    name: "minimize",
    make: (options: never) => minimize(quadratic({ eigenvalues: [1] }), [1], sgd({ learningRate: 0.1 }), options),
    options: { updates: 1, tolerance: 0, signal: new AbortController().signal, onUpdate: () => undefined },
  },
  {
    name: "objective",
    make: (objective: never) => minimize(objective, [1], hessianFree(), { updates: 1 }),
    options: { ...quadratic({ eigenvalues: [1] }), squaredGradient: (_theta: Float64Array, out: Float64Array) => void out.fill(1) },
  },
  {
    name: "spec",
    make: checkTrialSpec as (options: never) => unknown,
    options: {
      task: { name: "curves" },
      initialization: { method: "sparse" },
      optimizer: { method: "sgd", learningRate: 0.1 },
      batchSize: 10,
      updates: 5,
      seed: 1,
    },
  },
  {
    name: "task",
    make: (task: never) => checkTrialSpec({ task, optimizer: { method: "sgd", learningRate: 0.1 }, updates: 5 }),
    options: { name: "curves", cases: 300, testCases: 3, seed: 1 },
  },
  {
    name: "task",
    make: (task: never) => checkTrialSpec({ task, optimizer: { method: "sgd", learningRate: 0.1 }, updates: 5 }),
    options: {
      name: "memory5",
      hidden: 10,
      testCases: 3,
      length: 30,
      lengthMeans: "total",
      scored: "last",
      initialHidden: "zero",
      seed: 1,
    },
  },
  {
    name: "initialization",
    make: (initialization: never) =>
      checkTrialSpec({ task: { name: "addition" }, initialization, optimizer: { method: "sgd", learningRate: 0.1 }, updates: 5 }),
    options: { method: "echoState", inputScale: 1, fanIn: 15, spectralRadius: 1, outputScale: 1, outputBiases: [1], seed: 1 },
  },
  {
    name: "hessianFree",
    make: (optimizer: never) => checkTrialSpec({ task: { name: "addition" }, optimizer, updates: 5 }),
    options: {
      method: "hessianFree",
      variant: "standard",
      learningRate: 1,
      lineSearch: true,
      backtracking: true,
      damping: {},
      structuralDamping: 0,
      conjugateGradient: {},
      preconditioner: "auto",
      gradientCases: 100,
      curvatureCases: 50,
      weightDecay: 0,
    },
  },
];
