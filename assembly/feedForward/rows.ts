import { ROWS_GRADIENT, ROWS_PREDICT } from "../../src/abi/arguments";
import { SCRATCH, SCRATCH_BYTES, STATUS_BAD_INPUT, STATUS_BAD_TARGET } from "../../src/abi/control";
import {
  INPUTS, INPUT_PANELS, INPUT_PANEL_STRIDE, LAYERS, LAYER_ACTIVATION, LAYER_D, LAYER_D_PANELS, LAYER_D_STRIDE, LAYER_INPUTS,
  LAYER_OUTPUTS, LAYER_STARTS, LAYER_WEIGHTS, LAYER_Y, LAYER_Y_PANELS, LAYER_Y_STRIDE, LINEAR, LOSS, POINT, ROW_ERROR, ROW_LOSS, SOFTMAX,
  TARGETS,
} from "../../src/abi/descriptor";
import { forwardProduct } from "../dense/forward";
import { SLICE_CASES, STRIP_CASES, paddedColumns, paddedRows } from "../dense/layout";
import { packCasePanels } from "../dense/pack";
import { beat, members, raiseStatus } from "../team/control";
import { sliceStart } from "../team/slices";
import { outputRows } from "../network/loss";
import { layerAt } from "../network/descriptor";
import { backwardRows } from "./backward";

/**
 * Row phase: a member carries its slice of the cases all the way, input panels, forward, loss, backward, with no barrier inside,
 * since cases are independent of each other.
 */
export function rowPhase(network: usize, cases: i32, goal: i32, control: usize, rank: i32): void {
  const team = members(control);
  const slices = (cases + SLICE_CASES - 1) / SLICE_CASES;
  const end = min(cases, sliceStart(slices, rank + 1, team) * SLICE_CASES);
  for (let first = sliceStart(slices, rank, team) * SLICE_CASES; first < end; first += STRIP_CASES) {
    carryRows(network, first, min(end, first + STRIP_CASES), goal, control, rank);
  }
}

/** Carries cases [first, end) all the way. */
function carryRows(network: usize, first: i32, end: i32, goal: i32, control: usize, rank: i32): void {
  const scratch = control + SCRATCH + <usize>(rank * SCRATCH_BYTES);
  const layers = load<i32>(network, LAYERS);

  const inputs = load<i32>(layerAt(network, 0), LAYER_INPUTS);
  if (goal == ROWS_GRADIENT) {
    const finite = packCasePanels(
      load<usize>(network, INPUTS), <usize>inputs << 2, first, end, inputs, load<usize>(network, INPUT_PANELS),
      load<usize>(network, INPUT_PANEL_STRIDE),
    );
    if (!finite) raiseStatus(control, STATUS_BAD_INPUT);
  }

  let x = load<usize>(network, INPUTS);
  let xRow = <usize>inputs << 2;
  for (let l = 0; l < layers; l++) {
    const layer = layerAt(network, l);
    const k = load<i32>(layer, LAYER_INPUTS);
    const n = load<i32>(layer, LAYER_OUTPUTS);
    const isOutput = l == layers - 1;
    const activation = load<i32>(layer, LAYER_ACTIVATION);
    const yRow = <usize>paddedColumns(n) << 2;
    // The output layer keeps its logits: the loss is computed from them. A prediction turns them into outputs in place.
    forwardProduct(
      x, xRow, first, end, load<usize>(network, POINT) + load<usize>(layer, LAYER_WEIGHTS), <usize>paddedRows(k) << 5, k, n,
      load<usize>(layer, LAYER_STARTS),
      isOutput && (goal != ROWS_PREDICT || activation == SOFTMAX) ? LINEAR : activation, load<usize>(layer, LAYER_Y), yRow,
      goal == ROWS_GRADIENT && !isOutput ? load<usize>(layer, LAYER_Y_PANELS) : 0, load<usize>(layer, LAYER_Y_STRIDE), scratch,
    );
    x = load<usize>(layer, LAYER_Y);
    xRow = yRow;
    beat(control, rank);
  }

  const output = layerAt(network, layers - 1);
  const finite = outputRows(
    goal, load<i32>(network, LOSS), load<i32>(output, LAYER_ACTIVATION), first, end, load<i32>(output, LAYER_OUTPUTS), x, xRow,
    load<usize>(network, TARGETS), 0,
    load<usize>(output, LAYER_D), load<usize>(output, LAYER_D_PANELS), load<usize>(output, LAYER_D_STRIDE), load<usize>(network, ROW_LOSS),
    load<usize>(network, ROW_ERROR),
  );
  if (!finite) raiseStatus(control, STATUS_BAD_TARGET);
  if (goal != ROWS_GRADIENT) return;

  backwardRows(network, first, end, control, rank);
}
