import { curvatureRowPhase } from "../feedForward/curvature";
import { recurrentCurvatureRowPhase } from "../recurrent/curvature";
import { barrier } from "../team/barrier";
import { weightPhase } from "./weights";

/**
 * Gauss-Newton products over the chunks of a batch, at the point whose activations are in their workspaces.
 *
 * Arguments in memory (src/networks/curvatureArguments.ts mirrors them), and one record a chunk.
 */
export const V_FAMILY: usize = 0; // 0 feed-forward, 1 recurrent
export const V_CHUNKS: usize = 4;
export const V_RECORDS: usize = 8; // address of the chunks' records
export const V_DIRECTION: usize = 12; // block of v
export const V_PRODUCT: usize = 16; // block that receives sum over cases of J'HJ v; the records name it too
export const V_STRUCTURAL: usize = 20; // f32: weight of structural damping (recurrent/curvature.ts)

export const RECORD_NETWORK: usize = 0; // the chunk's descriptor
export const RECORD_CASES: usize = 4;
export const RECORD_WEIGHTS: usize = 32; // arguments of its weight phase (network/weights.ts)
const RECORD: usize = 96;

/** Address of a chunk's record. */
// @ts-ignore: decorator
@inline
export function recordOf(args: usize, chunk: i32): usize {
  return load<usize>(args, V_RECORDS) + <usize>chunk * RECORD;
}

/**
 * Member `rank`'s share of the product over one chunk: row phase, barrier, weight phase. Chunks go in their order, since each adds to the sums of those
 * before. Nobody waits at the end: the sums are there after the caller's next barrier. Returns false when the team is poisoned.
 */
export function curvaturePass(args: usize, chunk: i32, control: usize, rank: i32): bool {
  const record = recordOf(args, chunk);
  const network = load<usize>(record, RECORD_NETWORK);
  const cases = load<i32>(record, RECORD_CASES);
  const direction = load<usize>(args, V_DIRECTION);
  if (load<i32>(args, V_FAMILY)) recurrentCurvatureRowPhase(network, cases, direction, load<f32>(args, V_STRUCTURAL), control, rank);
  else curvatureRowPhase(network, cases, direction, control, rank);
  if (!barrier(control, rank)) return false;
  weightPhase(network, record + RECORD_WEIGHTS, control, rank);
  return true;
}

/** One product over all chunks. */
export function runCurvature(args: usize, control: usize, rank: i32): void {
  const chunks = load<i32>(args, V_CHUNKS);
  for (let chunk = 0; chunk < chunks; chunk++) {
    if (!curvaturePass(args, chunk, control, rank)) return;
  }
}
