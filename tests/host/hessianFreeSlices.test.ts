import { createRuntime, DisposedError, hessianFree, nesterov, type Runtime, UnsupportedError } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure } from "../support/failures.js";
import { MILD, SHAPE } from "../support/hessianFreeNetworks.js";
import { makePair, randomBatch, sameBits } from "../support/networks.js";
import { variants } from "../support/variants.js";

describe.each(variants)("An update of Hessian-free in slices, %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: 1, kernels });
  });
  afterAll(() => runtime.dispose());

  const description = hessianFree({ ...MILD, curvatureCases: 12, conjugateGradient: { maximum: 30, progress: 0 } });
  const start = () => {
    const { network } = makePair(runtime, SHAPE);
    return { network, optimizer: runtime.optimizer(network, description) };
  };
  const batch = randomBatch(SHAPE, 40);

  it("is what step makes, whatever else the network is asked in between", () => {
    const whole = start();
    const sliced = start();
    for (let t = 0; t < 5; t++) {
      const wanted = whole.optimizer.step(batch);
      const before = sliced.network.getParameters();
      const work = sliced.optimizer.advance(batch);
      const phases = new Set<string>();
      let next = work.next();
      for (; !next.done; next = work.next()) {
        phases.add(next.value.phase);
        expect(next.value.update).toBe(t);
        expect(next.value.step).toBeLessThanOrEqual(next.value.of);
        sliced.network.evaluate(randomBatch(SHAPE, 5 + (t % 3), t));
        sliced.network.gradient(batch);
        sliced.network.gaussNewtonProduct(before, batch);
        expect(sameBits(sliced.network.getParameters(), before)).toBe(true);
      }
      expect(next.value).toEqual(wanted);
      expect([...phases]).toEqual(["gradient", "conjugateGradient", "search"]);
    }
    expect(sameBits(whole.network.getParameters(), sliced.network.getParameters())).toBe(true);
    whole.network.dispose();
    sliced.network.dispose();
  });

  it("can be left at any yield, and nothing has happened", () => {
    const { network, optimizer } = start();
    const other = start();
    for (let t = 0; t < 2; t++) {
      optimizer.step(batch);
      other.optimizer.step(batch);
    }
    const before = optimizer.getState();
    const yields = [...optimizer.advance(batch)].length;
    optimizer.setState(before);
    network.setParameters(other.network.getParameters());
    for (let stop = 0; stop < yields; stop++) {
      const work = optimizer.advance(batch);
      for (let i = 0; i <= stop; i++) expect(work.next().done).toBe(false);
      if (stop % 2 === 0) work.return(undefined as never);
      expect(sameBits(network.getParameters(), other.network.getParameters())).toBe(true);
      expect(optimizer.getState()).toEqual(before);
    }
    expect(optimizer.step(batch)).toEqual(other.optimizer.step(batch));
    expect(sameBits(network.getParameters(), other.network.getParameters())).toBe(true);
    network.dispose();
    other.network.dispose();
  });

  it("cannot go on once another was begun, the state was set or the optimizer disposed of", () => {
    const { network, optimizer } = start();
    for (const disturb of [
      () => optimizer.step(batch),
      () => optimizer.advance(batch),
      () => optimizer.reset(),
      () => optimizer.setState(optimizer.getState()),
    ]) {
      const work = optimizer.advance(batch);
      work.next();
      disturb();
      const error = failure(() => work.next());
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(error.message).toMatch(/finish one advance\(\) before the next/);
    }
    const moved = network.getParameters();
    const sgd = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum: 0 }));
    for (const move of [() => network.setParameters(moved), () => sgd.step(batch)]) {
      const state = optimizer.getState();
      const work = optimizer.advance(batch);
      work.next();
      move();
      const error = failure(() => work.next());
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(error.message).toMatch(/parameters were changed after it was begun/);
      expect(optimizer.getState()).toEqual(state);
    }
    const work = optimizer.advance(batch);
    work.next();
    optimizer.dispose();
    expect(failure(() => work.next())).toBeInstanceOf(DisposedError);
    expect(failure(() => optimizer.step(batch))).toBeInstanceOf(DisposedError);
    optimizer.dispose();
    network.dispose();
  });
});
