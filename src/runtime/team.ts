import { platform } from "#platform";
import { CLOSED, EPOCH, MEMBERS, PATIENCE, SCRATCH, SCRATCH_BYTES, STATUS_LOST } from "../abi/control.js";
import { WorkerLostError } from "../errors.js";
import type { Kernels } from "./kernels.js";
import type { KernelMemory } from "./memory.js";
import { type CompiledKernels, instantiateKernels } from "./module.js";
import { type Helper, helperStart, type WorkerSource } from "./platform.js";
import { poison } from "./teamMember.js";
import type { WasmMemory } from "./wasmTypes.js";

/** Tenths of a second without a sign of life before a helper counts as lost. */
const TENTHS_OF_PATIENCE = 50;

/** How long a closed team's helpers have to leave before they are ended. */
const CLOSING_MILLISECONDS = 2000;

/** The threads that run one program together; the caller is member 0. */
export class Team {
  readonly kernels: Kernels;
  readonly members: number;
  readonly control: number;
  private readonly memory: KernelMemory;
  private helpers: readonly Helper[] = [];
  private closing = false;
  private lost: string | undefined;

  private constructor(kernels: Kernels, memory: KernelMemory, members: number) {
    this.kernels = kernels;
    this.memory = memory;
    this.members = members;
    kernels.writeMathConstants();
    this.control = memory.allocate(SCRATCH + members * SCRATCH_BYTES, "the team's control block");
    const words = memory.i32;
    words[(this.control + MEMBERS) >>> 2] = members;
    words[(this.control + PATIENCE) >>> 2] = TENTHS_OF_PATIENCE;
  }

  /** Starts `members - 1` helpers and resolves once every one of them serves. When one cannot start, the others are ended first. */
  static async create(compiled: CompiledKernels, memory: KernelMemory, members: number, worker: WorkerSource | undefined): Promise<Team> {
    const team = new Team(instantiateKernels(compiled, memory.memory), memory, members);
    const starting = Array.from({ length: members - 1 }, (_, i) =>
      platform.startHelper(helperStart(compiled, memory.memory, team.control, i + 1, 0), worker),
    );
    const settled = await Promise.allSettled(starting);
    team.helpers = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failed = settled.find((result) => result.status === "rejected");
    if (failed) {
      await team.close();
      throw failed.reason;
    }
    for (const [i, helper] of team.helpers.entries()) {
      void helper.ended.then((reason) => team.helperEnded(i + 1, reason));
    }
    return team;
  }

  /** Runs a program on the whole team; returns its status bits. Throws WorkerLostError when a member is gone. */
  run(program: number, args: number): number {
    const status = this.kernels.lead(this.control, program, args);
    if (status & STATUS_LOST) throw new WorkerLostError(this.lost ?? "it stopped answering in the middle of a computation");
    return status;
  }

  private helperEnded(rank: number, reason: string): void {
    if (this.closing) return;
    this.lost ??= `member ${rank} ended (${reason})`;
    poison(this.memory.memory, this.control);
  }

  /** Ends the helpers; resolves once they are gone. A helper that does not leave by itself, for whatever reason, is ended. */
  async close(): Promise<void> {
    this.closing = true;
    closeTeam(this.memory.memory, this.control);
    for (const helper of this.helpers) helper.awaitEnd();
    const impatience = setTimeout(() => {
      for (const helper of this.helpers) helper.terminate();
    }, CLOSING_MILLISECONDS);
    await Promise.all(this.helpers.map((helper) => helper.ended));
    clearTimeout(impatience);
  }
}

/** Tells helpers to leave; also what a forgotten runtime's finalizer does. */
export function closeTeam(memory: WasmMemory, control: number): void {
  const words = new Int32Array(memory.buffer, control, 16);
  Atomics.store(words, CLOSED / 4, 1);
  Atomics.notify(words, EPOCH / 4);
}
