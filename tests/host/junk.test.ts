import * as heavyball from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { complaintsAbout, functionsOf } from "../support/junk.js";

const { createRuntime, feedForward, recurrent, hessianFree, adam, nesterov } = heavyball;

/** Of a study's functions these take what `check` has returned, or what `run` or `read` has. */
const isWithinStudy = (name: string): boolean => /^studies\.\w+\.(announce|run|holds|plan|read|render|renderTogether)$/.test(name);

let runtime: heavyball.Runtime;
beforeAll(async () => void (runtime = await createRuntime({ threads: 1 })));
afterAll(() => runtime.dispose());

describe("whatever is passed to", () => {
  const functions = functionsOf(heavyball).filter(([name]) => !isWithinStudy(name));

  it("all there is to call: it is found", () => {
    expect(functions.length).toBeGreaterThan(50);
  });

  it.each(functions)("%s, it gives a result or an error that says what was wrong", async (name, call) => {
    expect(await complaintsAbout(name, call)).toEqual([]);
  });

  /** Methods by name, since classes have inner ones beside them. */
  async function complaintsOf(thing: object, methods: readonly string[]): Promise<string[]> {
    const complaints: string[] = [];
    for (const name of methods) {
      const method = (thing as Record<string, unknown>)[name] as (...given: unknown[]) => unknown;
      complaints.push(...(await complaintsAbout(name, (...given) => method.apply(thing, given))));
    }
    return complaints;
  }

  it("the methods of a runtime", async () => {
    expect(await complaintsOf(runtime, ["network", "optimizer", "estimateMemory"])).toEqual([]);
    const network = runtime.network(feedForward({ sizes: [2, 1] }));
    expect(await complaintsAbout("optimizer", (...given) => runtime.optimizer(network, ...(given as [never, never])))).toEqual([]);
    network.dispose();
  });

  const networkMethods = ["initialize", "setParameters", "copyParametersFrom", "evaluate", "predict", "activations", "gradient"];
  const networks = [feedForward({ sizes: [2, 3, 1] }), recurrent({ inputs: 2, hidden: 3, outputs: 1 })];
  it.each(networks)("the methods of a network ($kind)", async (description) => {
    const network = runtime.network(description as heavyball.FeedForwardDescription);
    const ofFeedForward = description.kind === "recurrent" ? [] : ["squaredGradient"];
    expect(await complaintsOf(network, [...networkMethods, "gaussNewtonProduct", ...ofFeedForward])).toEqual([]);
    network.dispose();
  });

  const optimizers = [nesterov({ learningRate: 0.1, momentum: 0.9 }), adam(), hessianFree()];
  it.each(optimizers)("the methods of an optimizer ($method)", async (description) => {
    const network = runtime.network(feedForward({ sizes: [2, 3, 1] }));
    const optimizer = runtime.optimizer(network, description);
    expect(await complaintsOf(optimizer, ["step", "setState"])).toEqual([]);
    network.dispose();
  });
});
