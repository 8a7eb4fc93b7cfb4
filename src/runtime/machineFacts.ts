import { platform } from "#platform";
import { VERSION } from "../version.js";
import type { Engine } from "./engine.js";
import type { HostFacts } from "./platform.js";

/** The version of the library, and what the speed of a result depends on that no kernel had a part in. */
export interface LibraryFacts extends HostFacts {
  /** Version of the library. */
  readonly heavyball: string;
}

/** What a result of kernels depends on besides its spec, and what its speed depends on; `kernels` is their variant. */
export interface MachineFacts extends LibraryFacts {
  readonly kernels: string;
  /** There, and true, where the wide binary computed the numbers of `relaxed` (docs/wide-kernels.md). */
  readonly wide?: boolean;
  readonly threads: number;
}

export function hostFacts(): LibraryFacts {
  return { heavyball: VERSION, ...platform.describe() };
}

export function machineFacts({ kernels, wide, threads }: Pick<Engine, "kernels" | "wide" | "threads">): MachineFacts {
  return { heavyball: VERSION, kernels, ...(wide ? { wide } : {}), threads, ...platform.describe() };
}
