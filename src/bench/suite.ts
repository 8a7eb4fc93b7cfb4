import { createRuntime, type Runtime } from "../createRuntime.js";
import { couldBeWide } from "../runtime/chooseKernels.js";
import type { KernelChoice, KernelVariant } from "../runtime/kernels.js";
import { CURVATURES, type CurvatureFigure, type CurvatureName, measureCurvature } from "./curvature.js";
import { measureLoading } from "./loading.js";
import { measureProducts, type ProductFigure } from "./products.js";
import {
  measureRecurrentUpdate,
  measureVanishing,
  type RecurrentFigure,
  SEQUENCES,
  type SequenceName,
  type VanishingFigure,
} from "./recurrent.js";
import { measureRoofline } from "./roofline.js";
import { AUTOENCODERS, type AutoencoderName, measureUpdate, type UpdateFigure } from "./updates.js";

/** Everything `heavyball bench` measures in one run, so that ratios compare like with like. */
export interface BenchReport {
  readonly kernels: KernelVariant;
  readonly kernelsReason: string;
  readonly wide: boolean;
  readonly threads: number;
  /** Milliseconds to load and instantiate the module. */
  readonly loading: number;
  /** GF/s of the register-only loop, on one thread and on all. */
  readonly roofline: { readonly one: number; readonly all: number };
  readonly products: readonly ProductFigure[];
  readonly updates: readonly (UpdateFigure & { readonly roofline: number })[];
  readonly recurrent: readonly (RecurrentFigure & { readonly roofline: number })[];
  readonly curvature: readonly (CurvatureFigure & { readonly roofline: number })[];
  /** On one thread. */
  readonly vanishing: VanishingFigure;
  /** Wide kernels beside the ones measured, where these are relaxed and those may be had: an update of CURVES on one thread. */
  readonly wideGain?: WideGain;
  /** Or why they, which may be tried here, are not used. */
  readonly wideRefusal?: string;
}

/** Milliseconds of one update in turn, and the register-only loop of wide kernels in GF/s. */
export interface WideGain {
  readonly relaxed: number;
  readonly wide: number;
  readonly roofline: number;
}

export interface BenchOptions {
  readonly threads?: number;
  readonly kernels: KernelChoice;
  /** About how long each figure is measured. */
  readonly milliseconds: number;
  /** Called before each group of figures. */
  readonly onProgress?: (what: string) => void;
}

/** Minibatch of the paper. */
const CASES = 200;
/** Enough for a 99th percentile. */
const VANISHING_UPDATES = 1000;

export async function runBench({ threads, kernels, milliseconds, onProgress }: BenchOptions): Promise<BenchReport> {
  const one = await createRuntime({ threads: 1, kernels });
  const all = await createRuntime({ threads, kernels });

  /**
   * A figure on one thread and, if there are more, on all, with the roof measured again beside each: clocks drift with load and
   * temperature.
   */
  async function onEach<Figure>(
    what: string,
    measure: (runtime: Runtime) => Figure | Promise<Figure>,
  ): Promise<(Figure & { roofline: number })[]> {
    const figures: (Figure & { roofline: number })[] = [];
    for (const runtime of all.threads > 1 ? [one, all] : [one]) {
      onProgress?.(`${what}, ${runtime.threads} thread${runtime.threads === 1 ? "" : "s"}`);
      const roof = await measureRoofline(runtime, milliseconds);
      figures.push({ ...(await measure(runtime)), roofline: roof });
    }
    return figures;
  }

  try {
    const loading = await measureLoading(one);
    onProgress?.("register-only loop");
    const roofline = { one: await measureRoofline(one, milliseconds), all: await measureRoofline(all, milliseconds) };
    const products: ProductFigure[] = [];
    for (const [inputs, outputs] of layerShapes()) {
      onProgress?.(`products ${CASES} x ${inputs} x ${outputs}`);
      products.push(...(await measureProducts(one, CASES, inputs, outputs, milliseconds)));
    }
    const updates: (UpdateFigure & { roofline: number })[] = [];
    for (const name of Object.keys(AUTOENCODERS) as AutoencoderName[]) {
      updates.push(...(await onEach(`update ${name}`, (runtime) => measureUpdate(runtime, name, 4 * milliseconds))));
    }
    const recurrent: (RecurrentFigure & { roofline: number })[] = [];
    for (const name of Object.keys(SEQUENCES) as SequenceName[]) {
      recurrent.push(...(await onEach(`update ${name}`, (runtime) => measureRecurrentUpdate(runtime, name, 4 * milliseconds))));
    }
    const curvature: (CurvatureFigure & { roofline: number })[] = [];
    for (const name of Object.keys(CURVATURES) as CurvatureName[]) {
      curvature.push(...(await onEach(`curvature ${name}`, (runtime) => measureCurvature(runtime, name, 8 * milliseconds))));
    }
    onProgress?.("vanishing gradients");
    // A quick look, at a few milliseconds a figure, need not wait for all of them.
    const vanishing = await measureVanishing(one, Math.min(VANISHING_UPDATES, Math.ceil(2 * milliseconds)), 4 * milliseconds);
    const { kernels: variant, kernelsReason, wide } = all;
    onProgress?.("wide kernels");
    const tried = await measureWideGain(one, milliseconds);
    return {
      kernels: variant,
      kernelsReason,
      wide,
      threads: all.threads,
      loading,
      roofline,
      products,
      updates,
      recurrent,
      curvature,
      vanishing,
      ...tried,
    };
  } finally {
    await Promise.all([one.dispose(), all.dispose()]);
  }
}

/** The different weight layers of the three autoencoders, encoder half (the decoder's are the same, mirrored). */
function layerShapes(): [inputs: number, outputs: number][] {
  return Object.values(AUTOENCODERS).flatMap(({ sizes }) =>
    sizes.slice(1, (sizes.length + 1) / 2).map((outputs, l): [number, number] => [sizes[l], outputs]),
  );
}

/**
 * What wide kernels would gain. Measured last: V8's flag is for the whole process, and what V8 has optimized before stays as it is, so
 * that this compares them with relaxed kernels as they are without it.
 */
async function measureWideGain(one: Runtime, milliseconds: number): Promise<Pick<BenchReport, "wideGain" | "wideRefusal">> {
  if (!couldBeWide(one)) return {};
  const wide = await createRuntime({ threads: 1, kernels: "wide" });
  try {
    if (!wide.wide) return { wideRefusal: wide.kernelsReason };
    let least = { relaxed: Infinity, wide: Infinity };
    for (let round = 0; round < 3; round++) {
      const relaxed = (await measureUpdate(one, "CURVES", milliseconds)).milliseconds;
      least = {
        relaxed: Math.min(least.relaxed, relaxed),
        wide: Math.min(least.wide, (await measureUpdate(wide, "CURVES", milliseconds)).milliseconds),
      };
    }
    return { wideGain: { ...least, roofline: await measureRoofline(wide, milliseconds) } };
  } finally {
    await wide.dispose();
  }
}
