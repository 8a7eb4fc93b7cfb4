import { A_ERROR, A_LOSS, A_NETWORK, A_ROWS, A_WEIGHTS } from "../../src/abi/arguments";
import { STATUS, STATUS_BAD_INPUT, STATUS_BAD_LOSS, STATUS_BAD_TARGET } from "../../src/abi/control";
import { ROW_ERROR, ROW_LOSS } from "../../src/abi/descriptor";
import { sumOrdered } from "../math/sum";
import { barrier } from "../team/barrier";
import { raiseStatus } from "../team/control";
import { weightPhase } from "./weights";

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

/**
 * Adds the per-case losses and errors to the running totals; the host calls it once a program has ended, when nobody reads them any more.
 */
export function addRowSums(args: usize): void {
  const network = load<usize>(args, A_NETWORK);
  const rows = load<i32>(args, A_ROWS);
  store<f64>(args, load<f64>(args, A_LOSS) + sumOrdered(load<usize>(network, ROW_LOSS), rows), A_LOSS);
  store<f64>(args, load<f64>(args, A_ERROR) + sumOrdered(load<usize>(network, ROW_ERROR), rows), A_ERROR);
}
