import {
  CURVATURE_RECORD, RECORD_CASES, RECORD_NETWORK, RECORD_WEIGHTS, V_CHUNKS, V_DIRECTION, V_FAMILY, V_RECORDS, V_STRUCTURAL,
} from "../../src/abi/curvature";
import { curvatureRowPhase } from "../feedForward/curvature";
import { recurrentCurvatureRowPhase } from "../recurrent/curvature";
import { barrier } from "../team/barrier";
import { weightPhase } from "./weights";

/**
 * Gauss-Newton products over the chunks of a batch, at the point whose activations are in their workspaces.
 *
 * Arguments in memory (src/abi/curvature.ts), and one record a chunk.
 */

/** Address of a chunk's record. */
// @ts-ignore: decorator
@inline
export function recordOf(args: usize, chunk: i32): usize {
  return load<usize>(args, V_RECORDS) + <usize>chunk * CURVATURE_RECORD;
}

/**
 * Member `rank`'s share of the product over one chunk: row phase, barrier, weight phase. Chunks go in their order, since each adds to the
 * sums of those before. Nobody waits at the end: the sums are there after the caller's next barrier. Returns false when the team is
 * poisoned.
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
