import type { Runtime } from "../createRuntime.js";
import { echoState, sparse } from "../initialize/index.js";
import type { Batch } from "../networks/batch.js";
import { Curvature } from "../networks/curvature/curvature.js";
import { recurrent } from "../networks/describe.js";
import type { Network } from "../networks/network.js";
import { KernelConjugateGradient } from "../optimizers/conjugateGradient/kernelConjugateGradient.js";
import { RandomStream } from "../random/stream.js";
import { Arena } from "../runtime/memory.js";
import { gigaflops, timeInTurn } from "./clock.js";
import { rooflineWork } from "./roofline.js";
import { AUTOENCODERS } from "./updates.js";
import { figureOf, type WorkFigure } from "./work.js";

/**
 * What Hessian-free optimization takes products on: a momentum-like minibatch and a quarter of CURVES, and 1,000 sequences of the addition
 * problem.
 */
export const CURVATURES = {
  "CURVES, 1250 cases": { cases: 1250, structural: 0 },
  "CURVES, 5000 cases": { cases: 5000, structural: 0 },
  "addition, 1000 x 80 steps": { cases: 1000, steps: 80, structural: 0.1 },
} as const;

export type CurvatureName = keyof typeof CURVATURES;

/** Milliseconds of one curvature product, whose activations are at hand; nominal operations 8 x weights x cases (x steps). */
export interface CurvatureFigure extends WorkFigure {
  /** Milliseconds of one gradient of the same cases. */
  readonly gradient: number;
  /** Milliseconds of one step of preconditioned conjugate gradient: a product and the work on vectors. */
  readonly step: number;
  /** GF/s of the register-only loop, by turns with these. */
  readonly roofline: number;
}

/** Steps of conjugate gradient timed at once. */
const STEPS = 3;
/** Register-only loops timed at once: so many that it does not count that helper threads may have to be woken for the first. */
const LOOPS = 200;
const HIDDEN = 100;

/** One curvature product beside one gradient of the same cases and one step of conjugate gradient. */
export function measureCurvature(runtime: Runtime, name: CurvatureName, milliseconds: number): CurvatureFigure {
  const { network, batch, operations } = prepare(runtime, name);
  const { structural } = CURVATURES[name];
  const curvature = new Curvature(network);
  const solver = new KernelConjugateGradient(network, curvature);
  const arena = new Arena(runtime.memory);
  const [gradient, product, inverse] = ["gradient", "product", "preconditioner"].map((what) => network.allocateBlock(arena, what)) as [
    number,
    number,
    number,
  ];
  network.writeBlock("inverse", inverse, new Float32Array(network.parameterCount).fill(0.5));
  curvature.stage(batch);
  curvature.linearize(gradient);
  const solve = (): void => {
    const slices = solver.solve({ right: gradient, inverse, shift: 1, structural, maximum: STEPS, minimum: STEPS, progress: 0 });
    while (!slices.next().done);
  };
  const loop = rooflineWork(runtime);
  const times = timeInTurn(
    {
      gradient: () => curvature.linearize(gradient),
      product: () => curvature.product(gradient, product, structural),
      solve,
      loop: () => {
        for (let i = 0; i < LOOPS; i++) loop.run();
      },
    },
    milliseconds,
  );
  loop.dispose();
  solver.release();
  curvature.release();
  arena.release();
  network.dispose();
  return {
    ...figureOf(operations, times.product),
    gradient: times.gradient.median * 1e3,
    step: (times.solve.median * 1e3) / STEPS,
    roofline: gigaflops(LOOPS * loop.operations, times.loop),
  };
}

/** The network at its initialization, a batch, and the nominal operations of one product. */
function prepare(runtime: Runtime, name: CurvatureName): { network: Network; batch: Batch; operations: number } {
  const stream = new RandomStream(1, "benchmark");
  const uniforms = (length: number): Float32Array => Float32Array.from({ length }, () => stream.uniform());
  const shape = CURVATURES[name];
  const { cases } = shape;
  if ("steps" in shape) {
    const { steps } = shape;
    const network = runtime.network(recurrent({ inputs: 2, hidden: HIDDEN, outputs: 1 }));
    network.initialize(echoState({ inputScale: 0.001, seed: 1 }));
    const mask = Float32Array.from({ length: steps * cases }, (_, i) => (i < (steps - 1) * cases ? 0 : 1));
    const batch = { inputs: uniforms(steps * cases * 2), targets: uniforms(steps * cases), mask, cases, steps };
    return { network, batch, operations: 8 * cases * (steps * (2 + HIDDEN) * HIDDEN + HIDDEN) };
  }
  const { sizes } = AUTOENCODERS.CURVES;
  const network = runtime.network(AUTOENCODERS.CURVES);
  network.initialize(sparse({ seed: 1 }));
  const weights = sizes.slice(1).reduce((sum, units, l) => sum + units * sizes[l], 0);
  return { network, batch: { inputs: uniforms(cases * sizes[0]), cases }, operations: 8 * weights * cases };
}
