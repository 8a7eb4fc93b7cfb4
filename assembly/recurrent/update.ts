import { A_CASES, A_GOAL, A_NETWORK, ROWS_GRADIENT } from "../../src/abi/arguments";
import { finishUpdate } from "../network/update";
import { recurrentRowPhase } from "./rows";

/** Forward pass alone, to the goal named in the arguments (network/update.ts lays them out). */
export function runRecurrentRows(args: usize, control: usize, rank: i32): void {
  recurrentRowPhase(load<usize>(args, A_NETWORK), load<i32>(args, A_CASES), load<i32>(args, A_GOAL), control, rank);
}

/** One update, or the gradient sums of one chunk: row phase through time, barrier, weight phase over steps x cases. */
export function runRecurrentUpdate(args: usize, control: usize, rank: i32): void {
  recurrentRowPhase(load<usize>(args, A_NETWORK), load<i32>(args, A_CASES), ROWS_GRADIENT, control, rank);
  finishUpdate(args, control, rank);
}
