import type { Executor, Job, TrialSpec } from "heavyball";
import { NUMERICS_VERSION } from "#internal/runtime/numericsVersion";

/** What an invented trial comes to: its error, before its final phase too, and loss; that it diverged; or that it fails or is stopped. */
export type Invented =
  | number
  | { readonly error: number; readonly before?: number; readonly loss?: number }
  | "diverged"
  | "stopped"
  | Error;

/** About what answering without looking at the inputs costs. */
function inventedBaseline({ task: { name } }: TrialSpec) {
  const error = { mnist: 53, faces: 625 }[name as string] ?? 17;
  return { trainingError: error, testError: error + 0.5, zeroOne: { memory5: 2.5, memory20: 8 }[name as string] ?? 0.8464, heldOutLoss: 2 };
}

/**
 * An executor that makes no updates: it leaves the record of a trial that came to what `outcome` says, and counts the trials. `data` is
 * the SHA-256 of those on which they were trained.
 */
export function inventor(
  outcome: (spec: TrialSpec) => Invented,
  data?: string,
): Executor & { readonly made: TrialSpec[]; readonly wide: boolean[] } {
  const made: TrialSpec[] = [];
  const wide: boolean[] = [];
  return {
    kernels: "simd",
    made,
    wide,
    async open(sweep) {
      wide.push(sweep.wide);
      const run = async ({ key, spec }: Job) => {
        made.push(spec);
        const invented = outcome(spec);
        if (invented instanceof Error) throw invented;
        if (invented === "stopped") return { code: "stopped", message: "stopped" } as const;
        const code = invented === "diverged" ? ("diverged" as const) : ("finished" as const);
        const store = await sweep.store.run(key).open();
        await store.write("record.json", JSON.stringify({ ...recordOf(spec, code, invented), data }));
        await store.close();
        return { code, message: code };
      };
      return { jobs: 2, run, close: async () => {} };
    },
  };
}

function recordOf(spec: TrialSpec, code: "finished" | "diverged", invented: Exclude<Invented, Error | "stopped">): object {
  const { error, before, loss } = typeof invented === "object" ? invented : { error: invented, before: undefined, loss: undefined };
  const all = (value: number) => ({ trainingError: value, testError: value, zeroOne: value, heldOutLoss: loss ?? value });
  return {
    spec,
    numerics: NUMERICS_VERSION,
    kernels: "simd",
    machine: { heavyball: "0.1.0", kernels: "simd", threads: 1, cores: 2, processor: "an abacus" },
    end: { code, message: code },
    update: spec.updates,
    seconds: 2,
    ...workOf(spec),
    ...(typeof error === "number" ? { final: all(error) } : {}),
    ...(before === undefined ? {} : { beforeFinal: all(before) }),
    baseline: { name: "nothing", ...inventedBaseline(spec) },
  };
}

/** What a trial would process: its minibatches, or the gradients, curvature and products of Hessian-free. */
function workOf({ updates, optimizer, ...rest }: TrialSpec): object {
  if (optimizer.method !== "hessianFree") return { casesProcessed: updates * ((rest as { readonly batchSize?: number }).batchSize ?? 100) };
  const { gradientCases, curvatureCases, conjugateGradient } = optimizer as {
    readonly gradientCases: number;
    readonly curvatureCases: number;
    readonly conjugateGradient?: { readonly maximum: number };
  };
  const conjugateGradientSteps = updates * (conjugateGradient?.maximum ?? 250);
  return { casesProcessed: updates * (gradientCases + curvatureCases) + conjugateGradientSteps * curvatureCases, conjugateGradientSteps };
}

/** The learning rate of a spec. */
export const rateOf = ({ optimizer }: TrialSpec): number => (optimizer as { readonly learningRate: number }).learningRate;

/** The momentum of a spec. */
export const momentumOf = ({ optimizer }: TrialSpec): unknown => (optimizer as { readonly momentum?: unknown }).momentum;
