import { BLOCK_CASES } from "../abi/sums.js";
import { InvalidOptionError } from "../errors.js";
import type { KernelLayout } from "../runtime/kernels.js";
import { checkInteger, checkKnownOptions, checkObject, orDefault } from "../validate.js";
import { curvatureWorkspaces } from "./curvature/curvatureRoom.js";
import { checkNetworkDescription, type NetworkDescription } from "./describe.js";
import { workspaceBytes } from "./feedForward/feedForwardWorkspace.js";
import { isLongSum } from "./longSums.js";
import { networkBytes as bytesOfNetwork, feedForwardLayout, recurrentLayout } from "./parameterLayout.js";
import { chunkSequences, recurrentWorkspaceBytes } from "./recurrent/recurrentWorkspace.js";

/** What a network is to be used for, as far as memory depends on it. */
export interface MemoryUse {
  /** Cases of the largest batch. */
  cases: number;
  /** Time steps of the longest batch; recurrent networks only. */
  steps?: number;
  /** Momentum optimizers made for the network. Default 1. */
  optimizers?: number;
  /** Cases of the largest batch that a hessianFree optimizer takes curvature on. Default 0: there is none. */
  curvatureCases?: number;
}

/** Memory that a network will take, found by `runtime.estimateMemory` before any of it is taken. */
export interface MemoryEstimate {
  /** Floats in the public parameter vector. */
  readonly parameters: number;
  /** Bytes of the parameters and their packed operands. */
  readonly networkBytes: number;
  /** Bytes of the optimizers' vectors; hessianFree's are those of its defaults. */
  readonly optimizerBytes: number;
  /** Bytes a batch passes through. */
  readonly batchBytes: number;
  /** Bytes of the activations that stay while conjugate gradient asks for products on them. */
  readonly curvatureBytes: number;
  readonly totalBytes: number;
}

/** Vectors of the length of the parameters that one optimizer keeps, by the kind of its batches. */
export interface OptimizerVectors {
  readonly minibatches: number;
  readonly gradientAndCurvature: number;
}

/** What a network will take before it is made, to within the allocator's rounding. Throws InvalidOptionError. */
export function estimateMemory(
  description: NetworkDescription,
  use: MemoryUse,
  kernels: KernelLayout,
  vectors: OptimizerVectors,
): MemoryEstimate {
  const checked = checkNetworkDescription(description);
  checkKnownOptions("use", checkObject("use", use), ["cases", "steps", "optimizers", "curvatureCases"]);
  const cases = checkInteger("use.cases", use.cases, 1);
  const optimizers = checkInteger("use.optimizers", orDefault(use.optimizers, 1), 0);
  const curvatureCases = checkInteger("use.curvatureCases", orDefault(use.curvatureCases, 0), 0);
  const isRecurrent = checked.kind === "recurrent";
  if (!isRecurrent && use.steps !== undefined) {
    throw new InvalidOptionError("use.steps", use.steps, "left out: a feed-forward network has no time steps");
  }
  const steps = isRecurrent ? checkInteger("use.steps", use.steps, 1) : 1;
  const layout = isRecurrent
    ? recurrentLayout(checked.inputs, checked.hidden, checked.outputs, kernels)
    : feedForwardLayout(checked.sizes, kernels);
  const room = { steps, cases, keeps: true, curvature: false, history: false };
  const gradient = cases * steps > BLOCK_CASES || (isRecurrent && chunkSequences(checked, kernels, room) < cases) ? layout.blockBytes : 0;
  const networkBytes = bytesOfNetwork(layout) + gradient + (isLongSum(cases * steps) ? layout.blockBytes : 0);
  const kept = optimizers * vectors.minibatches + (curvatureCases > 0 ? vectors.gradientAndCurvature : 0);
  const optimizerBytes = kept * layout.blockBytes;
  const batchBytes = isRecurrent ? recurrentWorkspaceBytes(checked, kernels, room) : workspaceBytes(checked, kernels, cases);
  const curvatureBytes = curvatureWorkspaces(checked, kernels, curvatureCases, steps);
  const totalBytes = networkBytes + optimizerBytes + batchBytes + curvatureBytes;
  return { parameters: layout.count, networkBytes, optimizerBytes, batchBytes, curvatureBytes, totalBytes };
}
