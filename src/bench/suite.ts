import { createRuntime, type Runtime } from "../createRuntime.js";
import { couldBeWide } from "../runtime/chooseKernels.js";
import type { KernelChoice, KernelVariant } from "../runtime/kernels.js";
import { CURVATURES, type CurvatureFigure, type CurvatureName, measureCurvature } from "./curvature.js";
import { measureLoading } from "./loading.js";
import { measureProducts, type ProductFigure } from "./products.js";
import { measureVanishing, SEQUENCES, type SequenceName, sequenceUpdate, type VanishingFigure } from "./recurrent.js";
import { rooflineWork } from "./roofline.js";
import { AUTOENCODERS, type AutoencoderName, autoencoderUpdate } from "./updates.js";
import { measureWorks, type Work, type WorkFigure } from "./work.js";

/** A network on a team, beside the register-only loop on the same team. */
type OnTeam<Name extends string, Figure = WorkFigure> = Figure & {
  readonly network: Name;
  readonly threads: number;
  /** GF/s of that loop. */
  readonly roofline: number;
};

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
  readonly updates: readonly OnTeam<AutoencoderName>[];
  readonly recurrent: readonly OnTeam<SequenceName>[];
  readonly curvature: readonly OnTeam<CurvatureName, CurvatureFigure>[];
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

  const teams = all.threads > 1 ? [one, all] : [one];

  /** Updates of one network on one thread and, if there are more, on all, by turns with each team's roof: clocks drift with load. */
  async function onTeams<Name extends string>(network: Name, work: (runtime: Runtime) => Work): Promise<OnTeam<Name>[]> {
    onProgress?.(`update ${network}`);
    const works: Record<string, Work> = {};
    for (const runtime of teams) {
      works[`loop ${runtime.threads}`] = rooflineWork(runtime);
      works[`update ${runtime.threads}`] = work(runtime);
    }
    const figures = await measureWorks(works, 4 * milliseconds);
    return teams.map(({ threads }) => ({
      network,
      threads,
      ...figures[`update ${threads}`],
      roofline: figures[`loop ${threads}`].gigaflops,
    }));
  }

  try {
    const loading = await measureLoading(one);
    onProgress?.("register-only loop");
    const loops = await measureWorks({ one: rooflineWork(one), all: rooflineWork(all) }, milliseconds);
    const roofline = { one: loops.one.gigaflops, all: loops.all.gigaflops };
    const products: ProductFigure[] = [];
    for (const [inputs, outputs] of layerShapes()) {
      onProgress?.(`products ${CASES} x ${inputs} x ${outputs}`);
      products.push(...(await measureProducts(one, CASES, inputs, outputs, milliseconds)));
    }
    const updates: OnTeam<AutoencoderName>[] = [];
    for (const name of Object.keys(AUTOENCODERS) as AutoencoderName[]) {
      updates.push(...(await onTeams(name, (runtime) => autoencoderUpdate(runtime, name))));
    }
    const recurrent: OnTeam<SequenceName>[] = [];
    for (const name of Object.keys(SEQUENCES) as SequenceName[]) {
      recurrent.push(...(await onTeams(name, (runtime) => sequenceUpdate(runtime, name))));
    }
    const curvature: OnTeam<CurvatureName, CurvatureFigure>[] = [];
    for (const network of Object.keys(CURVATURES) as CurvatureName[]) {
      for (const runtime of teams) {
        onProgress?.(`curvature ${network}, ${runtime.threads} thread${runtime.threads === 1 ? "" : "s"}`);
        curvature.push({ network, threads: runtime.threads, ...measureCurvature(runtime, network, 8 * milliseconds) });
      }
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
    const works = { relaxed: autoencoderUpdate(one, "CURVES"), wide: autoencoderUpdate(wide, "CURVES"), loop: rooflineWork(wide) };
    const figures = await measureWorks(works, 3 * milliseconds);
    return {
      wideGain: { relaxed: figures.relaxed.milliseconds, wide: figures.wide.milliseconds, roofline: figures.loop.gigaflops },
    };
  } finally {
    await wide.dispose();
  }
}
