import type { NetworkDescription } from "./describe.js";
import type { ParameterTensor } from "./parameterLayout.js";

/** What a network of any copy of this library can be asked. */
export interface NetworkLike {
  readonly description: NetworkDescription;
  /** The public order of the flat parameter vector. */
  readonly layout: readonly ParameterTensor[];
  /** theta, in the public order. */
  getParameters(): Float32Array;
}

/** Whether a value is a network: of this copy of the library, of another, or a proxy of one. */
export function isNetworkLike(value: unknown): value is NetworkLike {
  try {
    const { description, layout, getParameters } = (value ?? {}) as Partial<NetworkLike>;
    return typeof getParameters === "function" && Array.isArray(layout) && typeof description === "object";
  } catch {
    return false;
  }
}
