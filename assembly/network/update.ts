import { sumOrdered } from "../math/sum";
import { barrier } from "../team/barrier";
import { STATUS, STATUS_BAD_INPUT, STATUS_BAD_LOSS, STATUS_BAD_TARGET, raiseStatus } from "../team/control";
import { ROW_ERROR, ROW_LOSS } from "./descriptor";
import { weightPhase } from "./weights";

/** Arguments of the networks' programs, in memory (src/networks/arguments.ts mirrors them); those of the weight phase follow at A_WEIGHTS. */
export const A_NETWORK: usize = 0;
export const A_CASES: usize = 4;
export const A_GOAL: usize = 8;
export const A_ROWS: usize = 12; // entries of the losses and errors to be summed: the cases, or the scored steps times the cases
export const A_LOSS: usize = 16; // f64: running sum of the losses of the cases, in order
export const A_ERROR: usize = 24; // f64: the same of the squared errors
export const A_WEIGHTS: usize = 32;

/** What follows the row phase of any network's update. */
export function finishUpdate(args: usize, control: usize, rank: i32): void {
  if (!barrier(control, rank)) return;
  if (atomic.load<i32>(control + STATUS) & (STATUS_BAD_INPUT | STATUS_BAD_TARGET)) return;
  const network = load<usize>(args, A_NETWORK);
  // Every member comes to the same verdict from the same sums, so none needs to wait for another's.
  const loss = sumOrdered(load<usize>(network, ROW_LOSS), load<i32>(args, A_ROWS));
  if (!isFinite<f64>(load<f64>(args, A_LOSS) + loss)) {
    raiseStatus(control, STATUS_BAD_LOSS);
    return;
  }
  weightPhase(network, args + A_WEIGHTS, control, rank);
}

/** Weight phase alone: packs the point theta + mu v. */
export function runPack(args: usize, control: usize, rank: i32): void {
  weightPhase(load<usize>(args, A_NETWORK), args + A_WEIGHTS, control, rank);
}

/** Adds the per-case losses and errors to the running totals; the host calls it once a program has ended, when nobody reads them any more. */
export function addRowSums(args: usize): void {
  const network = load<usize>(args, A_NETWORK);
  const rows = load<i32>(args, A_ROWS);
  store<f64>(args, load<f64>(args, A_LOSS) + sumOrdered(load<usize>(network, ROW_LOSS), rows), A_LOSS);
  store<f64>(args, load<f64>(args, A_ERROR) + sumOrdered(load<usize>(network, ROW_ERROR), rows), A_ERROR);
}
