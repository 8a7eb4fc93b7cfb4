import { sha256Hex } from "../formats/digest.js";
import type { KernelVariant } from "../runtime/kernels.js";
import { NUMERICS_VERSION } from "../runtime/numericsVersion.js";
import { checkTrialSpec } from "../trials/spec.js";
import { checkInteger, checkKnownOptions, checkObject, checkOneOf, orDefault } from "../validate.js";

/** What makes the bits of a trial besides its spec. */
export interface TrialKeyOptions {
  /** The kernel variant: "simd" or "relaxed". */
  readonly kernels: KernelVariant;
  /** Default: the numerics version of this code. */
  readonly numerics?: number;
}

/**
 * What tells a trial from every other: the SHA-256, in hexadecimal digits, of its spec with all defaults filled in, as JSON with sorted
 * keys and without spaces, numerics version and kernel variant beside it. Two specs that mean the same trial have one key; threads are no
 * part of it.
 *
 * @throws InvalidOptionError, ShapeError for a wrong spec, or kernels that are none
 */
export async function trialKey(spec: unknown, options: TrialKeyOptions): Promise<string> {
  const given = checkObject("options of trialKey", options);
  checkKnownOptions("trialKey", given, ["kernels", "numerics"]);
  const kernels = checkOneOf("kernels", given.kernels, ["simd", "relaxed"]);
  const numerics = checkInteger("numerics", orDefault(given.numerics, NUMERICS_VERSION), 0);
  return sha256Hex(new TextEncoder().encode(canonicalJson({ spec: checkTrialSpec(spec), numerics, kernels })));
}

/** JSON whose objects have their keys in the order of their code units. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
}

/** Whether a text can be a key. */
export function isTrialKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
