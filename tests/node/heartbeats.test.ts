import { syncBuiltinESMExports } from "node:module";
import workerThreads, { Worker } from "node:worker_threads";
import { type Runtime, createRuntime } from "heavyball";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONTROL, STATUS, controlBytes } from "#internal/runtime/control";
import type { Kernels } from "#internal/runtime/kernels";
import { KernelMemory } from "#internal/runtime/memory";
import { embeddedKernels, instantiateKernels } from "#internal/runtime/module";
import { poison } from "#internal/runtime/teamMember";

/** A program that does nothing, so that only the barrier is left. */
const NO_PROGRAM = 0;
/** First of the words that members raise to say that they are alive (assembly/team/control.ts). */
const HEARTBEATS = 128;
const ROUNDS = 300;

/**
 * Member 1 of a team of two, by hand: wakes the member that waits, `ROUNDS` times, each time with a sign of life or without, then comes to the barrier. The one that
 * waits looks for signs whenever it wakes, so that no clock decides what it sees.
 */
const busyMember = `
  const { workerData } = require("node:worker_threads");
  const { words, beats, rounds, places } = workerData;
  const at = (place) => places[place] / 4;
  Atomics.wait(words, at("epoch"), 0);
  for (let round = 0; round < rounds; round++) {
    while (Atomics.load(words, at("arrived")) === 0 && Atomics.load(words, at("poison")) === 0);
    if (beats) Atomics.add(words, at("heartbeat"), 1);
    if (Atomics.notify(words, at("sense")) === 0) round--;
    if (Atomics.load(words, at("poison"))) break;
  }
  if (Atomics.load(words, at("poison")) === 0) {
    Atomics.store(words, at("arrived"), 0);
    Atomics.add(words, at("sense"), 1);
    Atomics.notify(words, at("sense"));
  }
`;

describe("a member that waits", () => {
  let memory: KernelMemory;
  let kernels: Kernels;
  let control: number;
  beforeEach(async () => {
    memory = new KernelMemory(true);
    kernels = instantiateKernels(await embeddedKernels("simd", true), memory.memory);
    kernels.writeMathConstants();
    control = memory.allocate(controlBytes(2), "test");
    memory.i32[(control + CONTROL.members) >>> 2] = 2;
  });

  /** The status of a program on the team of this thread and the one by hand. */
  async function runBeside(beats: boolean, patience: number): Promise<number> {
    memory.i32[(control + CONTROL.patience) >>> 2] = patience;
    const words = new Int32Array(memory.memory.buffer, control, controlBytes(2) / 4);
    const places = { epoch: CONTROL.epoch, arrived: CONTROL.arrived, sense: CONTROL.sense, poison: CONTROL.poison, heartbeat: HEARTBEATS + 4 };
    const worker = new Worker(busyMember, { eval: true, workerData: { words, beats, rounds: ROUNDS, places } });
    await new Promise((resolve) => worker.once("online", resolve));
    const status = kernels.lead(control, NO_PROGRAM, 0);
    await new Promise((resolve) => worker.once("exit", resolve));
    return status;
  }

  it.each([8, 50])("never loses one that beats, however often it looks: patience %d", async (patience) => {
    expect(await runBeside(true, patience)).toBe(0);
    expect(memory.i32[(control + CONTROL.poison) >>> 2]).toBe(0);
  });

  it.each([0, 8, 50])("loses one that gives no sign, and poisons the team: patience %d", async (patience) => {
    expect(await runBeside(false, patience)).toBe(STATUS.lost);
    expect(memory.i32[(control + CONTROL.poison) >>> 2]).toBe(1);
    expect(kernels.lead(control, NO_PROGRAM, 0)).toBe(STATUS.lost);
  });
});

describe("helpers of a poisoned team", () => {
  const helpers: Worker[] = [];
  let runtime: Runtime;
  beforeEach(async () => {
    helpers.length = 0;
    // What is imported changes with it.
    const Original = workerThreads.Worker;
    workerThreads.Worker = class extends Original {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given);
        helpers.push(this);
      }
    };
    syncBuiltinESMExports();
    runtime = await createRuntime({ threads: 3 });
    workerThreads.Worker = Original;
    syncBuiltinESMExports();
  });
  afterEach(() => runtime.dispose());

  const exits = (): Promise<unknown[]> => Promise.all(helpers.map((helper) => new Promise((resolve) => helper.once("exit", resolve))));

  it("leave where they wait for work", async () => {
    const ended = exits();
    poison(runtime.memory.memory, runtime.use().control);
    expect(await ended).toEqual([0, 0]);
  });

  it("leave where they wait for each other", async () => {
    const { control } = runtime.use();
    const words = runtime.memory.i32;
    // They would wait for a day for this member, which never comes.
    words[(control + CONTROL.patience) >>> 2] = 864_000;
    Atomics.add(words, (control + CONTROL.epoch) >>> 2, 1);
    Atomics.notify(words, (control + CONTROL.epoch) >>> 2);
    while (Atomics.load(words, (control + CONTROL.arrived) >>> 2) < 2);
    const ended = exits();
    poison(runtime.memory.memory, control);
    expect(await ended).toEqual([0, 0]);
  });
});
