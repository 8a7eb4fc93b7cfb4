import { EPOCH, POISON, SENSE } from "../abi/control.js";
import type { Kernels } from "./kernels.js";
import type { HelperStart } from "./platform.js";
import type { WasmMemory } from "./wasmTypes.js";

/**
 * The whole life of a helper thread: joins, says so, serves until the team is closed.
 * If anything throws, it poisons the team first, so that nobody waits for it.
 *
 * Its file travels inside the library's (embedded/), so it imports next to nothing; the caller has instantiated the same module before.
 */
export function joinTeam(start: HelperStart, ready: () => void): void {
  const { memory, control, rank, epoch } = start;
  try {
    const { exports } = new WebAssembly.Instance(start.module as WebAssembly.Module, { env: { memory: memory as never } });
    ready();
    (exports as unknown as Kernels).serve(control, rank, epoch);
  } catch (error) {
    poison(memory, control);
    throw error;
  }
}

/** Marks a team as broken and wakes everybody who waits in it. */
export function poison(memory: WasmMemory, control: number): void {
  const words = new Int32Array(memory.buffer, control, 16);
  Atomics.store(words, POISON / 4, 1);
  Atomics.notify(words, SENSE / 4);
  Atomics.notify(words, EPOCH / 4);
}
