import { DisposedError } from "../errors.js";
import { type KernelLayout, type KernelVariant, layoutOfKernels } from "./kernels.js";
import type { KernelMemory } from "./memory.js";
import { closeTeam, type Team } from "./team.js";
import type { WasmMemory } from "./wasmTypes.js";

/** Ends the threads of runtimes that were dropped without `dispose()`. */
const forgotten = new FinalizationRegistry<{ memory: WasmMemory; control: number }>(({ memory, control }) => closeTeam(memory, control));

/** Anything an engine owns and frees when it is disposed of. */
export interface Owned {
  dispose(): void;
}

/** The parts an engine is made of; `loadEngine` makes them. */
export interface EngineParts {
  readonly team: Team;
  readonly memory: KernelMemory;
  readonly threadsReason: string;
  readonly kernelsReason: string;
}

/**
 * One loaded WebAssembly module, its memory and its team of threads: what networks and optimizers run on.
 * The public face is `Runtime` (createRuntime.ts), which adds the making of networks and optimizers.
 */
export class Engine {
  /** Threads that run each program together, the caller included. */
  readonly threads: number;
  /** Why there are that many. */
  readonly threadsReason: string;
  /** Kernel variant in use: whose numbers are computed. */
  readonly kernels: KernelVariant;
  /** Why this one, and for wide kernels that were asked for why they are or are not in use. */
  readonly kernelsReason: string;
  /** Whether the wide binary computes the numbers of `relaxed`. */
  readonly wide: boolean;
  /** @internal */ readonly layout: KernelLayout;
  /** @internal */ readonly memory: KernelMemory;
  private team: Team | undefined;
  private readonly owned = new Set<Owned>();

  /** @internal Use `createRuntime`. */
  constructor({ team, memory, threadsReason, kernelsReason }: EngineParts) {
    this.team = team;
    this.memory = memory;
    this.layout = layoutOfKernels(team.kernels);
    this.kernels = this.layout.variant;
    this.kernelsReason = kernelsReason;
    this.wide = this.layout.binary === "wide";
    this.threads = team.members;
    this.threadsReason = threadsReason;
    if (team.members > 1) forgotten.register(this, { memory: memory.memory, control: team.control }, this);
  }

  /** Ends the team and frees the memory; the promise resolves when the threads are gone. Disposing twice is harmless. */
  async dispose(): Promise<void> {
    const team = this.team;
    if (!team) return;
    this.team = undefined;
    forgotten.unregister(this);
    for (const owned of [...this.owned]) owned.dispose();
    const closed = team.close();
    this.memory.close();
    await closed;
  }

  /** @internal The team, or DisposedError. */
  use(): Team {
    if (!this.team) throw new DisposedError("runtime");
    return this.team;
  }

  /** @internal */ own(thing: Owned): void {
    this.owned.add(thing);
  }

  /** @internal */ disown(thing: Owned): void {
    this.owned.delete(thing);
  }
}
