import { createRuntime, feedForward, hessianFree, type Runtime, sparse } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { madeLittleProgress } from "#internal/optimizers/conjugateGradient/conjugateGradientReason";
import { inner, normals } from "../reference/matrices.js";
import { SolverBench } from "../support/conjugateGradient.js";
import { PublicCurvature } from "../support/curvature.js";
import { layers, makePair, ODD_AUTOENCODER, randomBatch, sameBits } from "../support/networks.js";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

const norm = (x: ArrayLike<number>): number => Math.sqrt(inner(x, x));
const steps = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe.each(variants)("on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  it("conjugate gradient stops exactly where the rule of the TypeScript twin does, from either start and beyond 100 steps", () => {
    // Features of ever smaller size, so that eigenvalues spread over many decades and phi falls for long.
    const description = layers([150, 1], "linear", "linear");
    const { network } = makePair(runtime, description);
    const batch = randomBatch(description, 400);
    const spread = batch.inputs.map((value, i) => (value - 0.5) * 0.95 ** (i % 150));
    const bench = new SolverBench(network, { ...batch, inputs: spread });
    const n = network.parameterCount;
    const right = bench.block(normals(n, 8, 0.1));
    const block = bench.block(normals(n, 9, 0.3));
    const most = 260;
    const ends: number[] = [];
    for (const start of [undefined, { block, scale: 0.95 }]) {
      for (const [shift, progress] of [
        [1e-1, 5e-4],
        [1e-3, 5e-4],
        [1e-4, 5e-4],
        [1e-5, 5e-4],
        [1e-5, 1e-4],
        [1e-6, 1e-4],
      ] as const) {
        const system = { right, shift, start, maximum: most };
        const all = bench.solve({ ...system, progress: 0, keep: steps(most) });
        // The rule never looks at phi of the start: it looks back from more steps than there are between.
        const phis = [NaN, ...all.iterates.map(({ phi }) => phi), all.phi].slice(0, all.steps + 1);
        const stop = phis.findIndex((_, i) => i > 0 && madeLittleProgress(phis.slice(0, i + 1), progress));
        for (const minimum of [1, 40, 130]) {
          const wanted = phis.findIndex((_, i) => i >= Math.max(1, minimum) && madeLittleProgress(phis.slice(0, i + 1), progress));
          expect(bench.solve({ ...system, progress, minimum }).steps).toBe(wanted < 0 ? all.steps : wanted);
        }
        ends.push(stop);
      }
    }
    // Cold and warm, some of them end beyond 100 steps, where the gap of the rule has begun to grow, and some before.
    expect(
      ends.slice(0, 6).some((end) => end > 101) && ends.slice(6).some((end) => end > 101) && ends.some((end) => end > 0 && end < 60),
    ).toBe(true);
    bench.release();
    network.dispose();
  });

  it("conjugate gradient with a tolerance ends where the residual is only rounding, whatever the least number of steps", () => {
    const { network } = makePair(runtime, ODD_AUTOENCODER);
    const batch = randomBatch(ODD_AUTOENCODER, 300);
    const bench = new SolverBench(network, batch);
    const b = Float32Array.from(normals(network.parameterCount, 8, 0.1));
    const right = bench.block(b);
    const inverse = bench.block(normals(network.parameterCount, 4).map((value) => 0.5 + Math.abs(value)));
    for (const system of [
      { right, shift: 1 },
      { right, shift: 1, inverse },
      { right, shift: 1, start: { block: right, scale: 100 } },
    ]) {
      const tolerance = 2 ** -12;
      const { steps: made, reason, x } = bench.solve({ ...system, maximum: 200, minimum: 200, progress: 0, tolerance });
      expect(reason).toMatchObject({ code: "converged", message: expect.stringContaining("rounding") });
      expect(made).toBeLessThan(100);
      const near = bench.read(x);
      const residualOf = (at: Float32Array): number => {
        const product = network.gaussNewtonProduct(at, batch);
        return norm(product.map((value, i) => value + at[i] - b[i]));
      };
      const scale = system.start ? residualOf(b.map((value) => 100 * value)) : norm(b);
      expect(residualOf(near)).toBeLessThan(1.1 * tolerance * scale);
      // One step less is not enough.
      expect(bench.solve({ ...system, maximum: made - 1, minimum: 200, progress: 0, tolerance }).reason.code).toBe("maximum");
    }
    bench.release();
    network.dispose();
  });

  it.each(["standard", "momentum"] as const)("Hessian-free without damping, %s, converges on singular curvature", (variant) => {
    for (const [sizes, cases] of [
      [[3, 1], 2],
      [[6, 1], 1],
      [[3, 4, 2], 2],
      [[9, 2], 4],
    ] as const) {
      const network = runtime.network(feedForward({ sizes }));
      network.initialize(sparse({ seed: 1 }));
      const inputs = Float32Array.from({ length: cases * sizes[0] }, (_, i) => Math.sin(i + 1));
      const targets = Float32Array.from({ length: cases * sizes.at(-1)! }, (_, i) => Math.cos(3 * i));
      const optimizer = runtime.optimizer(
        network,
        hessianFree({ variant, damping: { initial: 0, drop: 1 }, weightDecay: 0, preconditioner: "none" }),
      );
      const losses = Array.from({ length: 12 }, () => optimizer.step({ inputs, targets, cases }).loss);
      expect(losses.at(-1)).toBeLessThan(1e-3 * losses[0]);
      // And stays there, on noise: what is left of the gradient at the minimum is rounding.
      expect(losses.at(-1)).toBeLessThan(1.01 * losses[2] + 1e-12);
      network.dispose();
    }
  });

  it("a linearization in parts stays at theta, whatever is packed between them", () => {
    // So wide that 2,100 cases pass in two chunks.
    const description = layers([4000, 8, 2], "tanh", "softmax");
    const { network } = makePair(runtime, description);
    const batch = randomBatch(description, 2100);
    const undisturbed = new PublicCurvature(network);
    const wanted = undisturbed.linearize(batch);
    undisturbed.release();
    const disturbed = new PublicCurvature(network);
    const block = network.allocateBlock(disturbed["arena" as never], "test");
    network.writeBlock("test", block, network.getParameters());
    disturbed.curvature.stage(batch);
    const work = disturbed.curvature.linearizing(disturbed["result" as never]);
    let parts = 0;
    for (let next = work.next(); !next.done; next = work.next()) {
      network.evaluateAt({ inputs: batch.inputs.subarray(0, 4000), targets: batch.targets.subarray(0, 2), cases: 1 }, block, 0.5);
      network.pack(block, 0.25);
      parts++;
    }
    expect(parts).toBeGreaterThan(1);
    expect(sameBits(network.readBlock(disturbed["result" as never]), wanted.gradient)).toBe(true);
    disturbed.release();
    network.dispose();
  });
});
