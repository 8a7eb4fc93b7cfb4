import { isRecord } from "../boundary/realm.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { NUMERICS_VERSION } from "../runtime/numericsVersion.js";
import { isTrialKey } from "../sweeps/trialKey.js";
import type { TaskSpec } from "../tasks/index.js";
import { checkTrialSpec, type TrialSpec } from "../trials/spec.js";
import { VERSION } from "../version.js";

/**
 * What trials of a sweep want of whoever computes them, beside their specs: all that their bits depend on, and the version of the library.
 * Trials with the same wants are in one queue, whatever sweeps they are of.
 */
export interface Wants {
  readonly version: string;
  readonly numerics: number;
  readonly kernels: KernelVariant;
  readonly data?: SharedData;
}

/** What a task takes that does not make its data itself: their SHA-256, and a trial of it. */
export interface SharedData {
  readonly digest: string;
  readonly spec: TrialSpec;
}

export function wantsOf(kernels: KernelVariant, data?: SharedData): Wants {
  return { version: VERSION, numerics: NUMERICS_VERSION, kernels, ...(data === undefined ? {} : { data }) };
}

/** The name of their queue. */
export function queueNameOf({ version, numerics, kernels, data }: Wants): string {
  return [version, numerics, kernels, ...(data === undefined ? [] : [data.digest])].join("-");
}

/** Wants from a server's JSON; undefined where they are none. Of another version only what every version tells is looked at. */
export function readWants(value: unknown): Wants | undefined {
  if (!isRecord(value)) return undefined;
  const { version, numerics, kernels, data } = value;
  if (typeof version !== "string" || typeof numerics !== "number" || (kernels !== "simd" && kernels !== "relaxed")) return undefined;
  if (data === undefined || version !== VERSION) return { version, numerics, kernels };
  if (!isRecord(data) || typeof data.digest !== "string" || !isTrialKey(data.digest)) return undefined;
  try {
    return { version, numerics, kernels, data: { digest: data.digest, spec: checkTrialSpec(data.spec) } };
  } catch {
    return undefined;
  }
}

/** What a worker computes with. */
export interface Abilities {
  readonly variants: readonly KernelVariant[];
  /** The kernels it was asked to have, where it was. */
  readonly asked?: string;
  /** The SHA-256 of what a trial takes from its data; undefined where it has none. Throws an error that says what is wrong with them. */
  digest(spec: TrialSpec): Promise<string | undefined>;
}

/** Why a worker is not for trials with these wants, in a sentence; undefined where it is. */
export async function obstacle(wants: Wants, { variants, asked, digest }: Abilities): Promise<string | undefined> {
  const { version, numerics, kernels, data } = wants;
  const both = "install the same version on both sides";
  if (version !== VERSION)
    return `it wants heavyball ${version}, and this worker is ${VERSION}: ${both} (npm install heavyball@${version})`;
  if (numerics !== NUMERICS_VERSION) return `it wants numerics version ${numerics}, and this worker computes ${NUMERICS_VERSION}: ${both}`;
  if (!variants.includes(kernels)) {
    if (asked !== undefined)
      return `it wants ${kernels} kernels, and this worker was asked for ${asked}: start it with kernels ${kernels}, or leave that out`;
    return `it wants ${kernels} kernels, which this engine has not: use Node 22 or later here, or run the sweep with kernels simd`;
  }
  return data && obstacleOfData(data, digest);
}

async function obstacleOfData(
  { digest: wanted, spec }: NonNullable<Wants["data"]>,
  digest: Abilities["digest"],
): Promise<string | undefined> {
  const name = (spec.task as TaskSpec).name;
  let found: string | undefined;
  try {
    found = await digest(spec);
  } catch (error) {
    return `it trains ${name}, and this worker's data are not what that takes: ${(error as Error).message}`;
  }
  if (found === undefined) return `it trains ${name}, and this worker has no data: give it the files that the sweep has (data)`;
  if (found === wanted) return undefined;
  const short = (text: string): string => text.slice(0, 12);
  return `it trains ${name} on data with the SHA-256 ${short(wanted)}..., this worker's have ${short(found)}...: give it the same files`;
}
