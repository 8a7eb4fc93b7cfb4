import {
  type Batch,
  conjugateGradient,
  createRuntime,
  echoState,
  feedForward,
  hessianFree,
  loadModel,
  memory5,
  minibatches,
  minimize,
  nesterov,
  quadratic,
  type Runtime,
  recurrent,
  saveModel,
  sgd,
} from "heavyball";
import { expect } from "vitest";
import { readSafetensors, writeSafetensors } from "#internal/formats/safetensors";
import { makePair, randomBatch, sameBits } from "./networks.js";

/** Another realm: gives back a copy of a value whose every array and object was made there. */
export type Carry = <T>(value: T) => T;

const SHAPE = feedForward({ sizes: [3, 4, 2], activations: ["tanh", "linear"] });

/** Expects everything that takes arrays or objects to take those of another realm, and to give the same bits. */
export async function expectTaken(carry: Carry): Promise<void> {
  const runtime = await createRuntime({ threads: 1 });
  try {
    takesBatches(runtime, carry);
    takesSequences(runtime, carry);
    takesModels(runtime, carry);
  } finally {
    await runtime.dispose();
  }
  takesLists(carry);
}

function takesBatches(runtime: Runtime, carry: Carry): void {
  const here = makePair(runtime, SHAPE).network;
  const there = runtime.network(carry(SHAPE));
  there.setParameters(carry(here.getParameters()));
  const batch = randomBatch(SHAPE, 5);
  const foreign = carry(batch);
  expect(there.evaluate(foreign)).toEqual(here.evaluate(batch));
  expect(sameBits(there.predict(foreign), here.predict(batch))).toBe(true);
  expect(sameBits(there.gradient(foreign).gradient, here.gradient(batch).gradient)).toBe(true);
  expect(
    sameBits(there.gaussNewtonProduct(carry(here.getParameters()), foreign), here.gaussNewtonProduct(here.getParameters(), batch)),
  ).toBe(true);
  for (const description of [nesterov({ learningRate: 0.1, momentum: 0.9 }), hessianFree()]) {
    const one = runtime.optimizer(here, description);
    const other = runtime.optimizer(there, carry(description));
    for (let t = 0; t < 2; t++) expect(other.step(carry(randomBatch(SHAPE, 6, t)))).toEqual(one.step(randomBatch(SHAPE, 6, t)));
    other.setState(carry(one.getState()) as never);
    expect(other.getState()).toEqual(one.getState());
    expect(sameBits(there.getParameters(), here.getParameters())).toBe(true);
  }
  const all = (data: Batch): Batch[] => [...minibatches(data, carry({ size: 2, updates: 3 }))];
  expect(all(foreign)).toEqual(all(batch));
  here.dispose();
  there.dispose();
}

function takesSequences(runtime: Runtime, carry: Carry): void {
  const cells = runtime.network(recurrent({ inputs: 4, hidden: 3, outputs: 3, output: "softmax" }));
  cells.initialize(carry(echoState({ inputScale: 0.1, outputBiases: [0, 1, 2] })));
  const task = memory5({ length: 20 });
  const batch = task.batch(1, 0, 4);
  expect(cells.evaluate(carry(batch))).toEqual(cells.evaluate(batch));
  expect(task.zeroOne(carry(cells.predict(batch)), carry(batch))).toBe(task.zeroOne(cells.predict(batch), batch));
  cells.dispose();
}

function takesModels(runtime: Runtime, carry: Carry): void {
  const { network } = makePair(runtime, SHAPE);
  const bytes = saveModel(network);
  const loaded = loadModel(runtime, carry(bytes));
  expect(saveModel(loaded)).toEqual(bytes);
  const content = {
    metadata: { a: "b" },
    tensors: [
      { name: "x", shape: [2], data: Float32Array.of(1, 2) },
      { name: "y", shape: [1], data: Float64Array.of(3) },
    ],
  };
  expect(readSafetensors(writeSafetensors(carry(content)))).toEqual(content);
  network.dispose();
  loaded.dispose();
}

function takesLists(carry: Carry): void {
  const double = (v: Float64Array, out: Float64Array): void => out.set(v.map((value) => 2 * value));
  for (const list of [[1, 2], Float32Array.of(1, 2), Float64Array.of(1, 2)]) {
    expect(conjugateGradient(double, carry(list), { start: carry(list), preconditioner: carry(list), keep: carry([1]) })).toEqual(
      conjugateGradient(double, list, { start: list, preconditioner: list, keep: [1] }),
    );
    expect(
      minimize(quadratic({ eigenvalues: carry(list) }), carry(list), carry(sgd({ learningRate: 0.1 })), carry({ updates: 2 })).theta,
    ).toEqual(minimize(quadratic({ eigenvalues: list }), list, sgd({ learningRate: 0.1 }), { updates: 2 }).theta);
    expect(
      quadratic({
        matrix: carry([
          [1, 0],
          [0, 2],
        ]),
        linear: carry(list),
      }).size,
    ).toBe(2);
    expect(echoState({ inputScale: 1, outputBiases: carry(list) })).toEqual(echoState({ inputScale: 1, outputBiases: list }));
  }
}
