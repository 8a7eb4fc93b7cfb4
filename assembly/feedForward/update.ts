import { A_CASES, A_GOAL, A_NETWORK, ROWS_GRADIENT } from "../../src/abi/arguments";
import { finishUpdate } from "../network/update";
import { rowPhase } from "./rows";

/** Forward pass alone, to the goal named in the arguments (network/update.ts lays them out). */
export function runRows(args: usize, control: usize, rank: i32): void {
  rowPhase(load<usize>(args, A_NETWORK), load<i32>(args, A_CASES), load<i32>(args, A_GOAL), control, rank);
}

/**
 * One update, or the gradient sums of one chunk: row phase, barrier, weight phase. Nothing is changed when an input, a target or the loss
 * is not finite.
 */
export function runUpdate(args: usize, control: usize, rank: i32): void {
  rowPhase(load<usize>(args, A_NETWORK), load<i32>(args, A_CASES), ROWS_GRADIENT, control, rank);
  finishUpdate(args, control, rank);
}
