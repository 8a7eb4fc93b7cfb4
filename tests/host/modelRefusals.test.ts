import { createRuntime, loadModel, type Runtime, saveModel } from "heavyball";
import { afterAll, beforeAll, describe, it } from "vitest";
import { expectInvalid, loose } from "../support/failures.js";
import { layers } from "../support/networks.js";

const SHAPE = layers([4, 6, 3], "tanh", "linear");

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

describe("models", () => {
  it("are saved from networks and loaded by runtimes only", () => {
    for (const value of [null, undefined, {}, SHAPE]) {
      expectInvalid(() => saveModel(loose(value)), "network", /a network/);
      expectInvalid(() => loadModel(loose(value), new Uint8Array(0)), "runtime", /a runtime/);
    }
  });
});
