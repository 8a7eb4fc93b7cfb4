import type { KernelLayout } from "../../runtime/kernels.js";
import type { NetworkDescription } from "../describe.js";
import { chunkCases, workspaceBytes } from "../feedForward/feedForwardWorkspace.js";
import { chunkSequences, recurrentWorkspaceBytes } from "../recurrent/recurrentWorkspace.js";

/** Bytes of the workspaces that hold a whole batch for curvature products, one a chunk. */
export function curvatureWorkspaces(description: NetworkDescription, kernels: KernelLayout, cases: number, steps: number): number {
  if (cases === 0) return 0;
  const room = { steps, cases, keeps: true, curvature: true, history: false };
  const isRecurrent = description.kind === "recurrent";
  const chunk = isRecurrent ? chunkSequences(description, kernels, room) : chunkCases(description, kernels);
  const bytesFor = (count: number): number =>
    count === 0
      ? 0
      : isRecurrent
        ? recurrentWorkspaceBytes(description, kernels, { ...room, cases: count })
        : workspaceBytes(description, kernels, count);
  return Math.floor(cases / chunk) * bytesFor(chunk) + bytesFor(cases % chunk);
}
