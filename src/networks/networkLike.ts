import type { Network } from "./network.js";

/** What a network of any copy of this library can be asked. */
export type NetworkLike = Pick<Network, "description" | "layout" | "getParameters">;

/** Whether a value is a network: of this copy of the library, of another, or a proxy of one. */
export function isNetworkLike(value: unknown): value is NetworkLike {
  try {
    const { description, layout, getParameters } = (value ?? {}) as Partial<NetworkLike>;
    return typeof getParameters === "function" && Array.isArray(layout) && typeof description === "object";
  } catch {
    return false;
  }
}
