import type { KernelLayout } from "../runtime/kernels.js";
import { checkInteger, checkKnownOptions, checkObject } from "../validate.js";
import { BLOCK_CASES } from "./blocks.js";
import { type NetworkDescription, checkNetworkDescription } from "./describe.js";
import { workspaceBytes } from "./feedForwardWorkspace.js";
import { feedForwardLayout, recurrentLayout } from "./parameterLayout.js";
import { recurrentWorkspaceBytes } from "./recurrentWorkspace.js";

export interface MemoryUse {
  /** Cases of the largest batch. */
  cases: number;
  /** Time steps of the longest batch; recurrent networks only. */
  steps?: number;
  /** Optimizers made for the network, each with a velocity. Default 1. */
  optimizers?: number;
}

export interface MemoryEstimate {
  /** Floats in the public parameter vector. */
  readonly parameters: number;
  /** Bytes of the parameters and their packed operands. */
  readonly networkBytes: number;
  /** Bytes of the velocities. */
  readonly optimizerBytes: number;
  /** Bytes a batch passes through. */
  readonly batchBytes: number;
  readonly totalBytes: number;
}

/** What a network will take before it is made, to within the allocator's rounding. Throws InvalidOptionError. */
export function estimateMemory(description: NetworkDescription, use: MemoryUse, kernels: KernelLayout): MemoryEstimate {
  const checked = checkNetworkDescription(description);
  checkKnownOptions("use", checkObject("use", use), ["cases", "steps", "optimizers"]);
  const cases = checkInteger("use.cases", use.cases, 1);
  const optimizers = checkInteger("use.optimizers", use.optimizers ?? 1, 0);
  const isRecurrent = checked.kind === "recurrent";
  const steps = isRecurrent ? checkInteger("use.steps", use.steps, 1) : 1;
  const layout = isRecurrent ? recurrentLayout(checked.inputs, checked.hidden, checked.outputs, kernels) : feedForwardLayout(checked.sizes, kernels);
  const gradient = cases * steps > BLOCK_CASES ? layout.blockBytes : 0;
  const networkBytes = 2 * layout.blockBytes + layout.transposedBytes + gradient;
  const optimizerBytes = optimizers * layout.blockBytes;
  const batchBytes = isRecurrent
    ? recurrentWorkspaceBytes(checked, kernels, { steps, cases, keeps: true, history: false })
    : workspaceBytes(checked, kernels, cases);
  return { parameters: layout.count, networkBytes, optimizerBytes, batchBytes, totalBytes: networkBytes + optimizerBytes + batchBytes };
}
