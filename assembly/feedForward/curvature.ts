import { SCRATCH, SCRATCH_BYTES } from "../../src/abi/control";
import {
  INPUTS, LAYERS, LAYER_ACTIVATION, LAYER_BIASES, LAYER_D, LAYER_D_PANELS, LAYER_D_STRIDE, LAYER_INPUTS, LAYER_OUTPUTS, LAYER_WEIGHTS,
  LAYER_Y, LINEAR, POINT, TARGETS,
} from "../../src/abi/descriptor";
import { SLICE_CASES, STRIP_CASES, paddedColumns, paddedRows } from "../dense/layout";
import { tangentProduct } from "../dense/tangent";
import { curveRows } from "../network/curvature";
import { layerAt } from "../network/descriptor";
import { beat, members } from "../team/control";
import { sliceStart } from "../team/slices";
import { backwardRows } from "./backward";

/**
 * Row phase of a Gauss-Newton product J'HJ v over cases whose activations the row phase of a gradient has left in place
 * (feedForward/rows.ts): a member carries its slice of the cases through the tangents J v, the curvature H of the loss, and back.
 *
 *   R y_0 = 0;   R y_l = (y_{l-1} V_l + vb_l + R y_{l-1} W_l) o activation'(y_l);   deltas of the output layer: H R x_L
 *
 * The tangents stand where the deltas will, which take their place on the way back, so a product needs no memory of its own.
 */
export function curvatureRowPhase(network: usize, cases: i32, direction: usize, control: usize, rank: i32): void {
  const team = members(control);
  const slices = (cases + SLICE_CASES - 1) / SLICE_CASES;
  const end = min(cases, sliceStart(slices, rank + 1, team) * SLICE_CASES);
  for (let first = sliceStart(slices, rank, team) * SLICE_CASES; first < end; first += STRIP_CASES) {
    const last = min(end, first + STRIP_CASES);
    tangentRows(network, direction, first, last, control, rank);
    backwardRows(network, first, last, control, rank);
  }
}

/** Tangents of cases [first, end), and the deltas of the output layer. */
function tangentRows(network: usize, direction: usize, first: i32, end: i32, control: usize, rank: i32): void {
  const scratch = control + SCRATCH + <usize>(rank * SCRATCH_BYTES);
  const layers = load<i32>(network, LAYERS);
  const point = load<usize>(network, POINT);
  let x = load<usize>(network, INPUTS);
  let xRow = <usize>load<i32>(layerAt(network, 0), LAYER_INPUTS) << 2;
  let tangents: usize = 0;
  for (let l = 0; l < layers; l++) {
    const layer = layerAt(network, l);
    const k = load<i32>(layer, LAYER_INPUTS);
    const n = load<i32>(layer, LAYER_OUTPUTS);
    const weights = load<usize>(layer, LAYER_WEIGHTS);
    const y = load<usize>(layer, LAYER_Y);
    const yRow = <usize>paddedColumns(n) << 2;
    const r = load<usize>(layer, LAYER_D);
    // The output's tangents are those of its logits: its activation belongs to the loss.
    tangentProduct(
      x, xRow, first, end, direction + weights, direction + load<usize>(layer, LAYER_BIASES), <usize>paddedRows(k) << 5, k, n, tangents,
      xRow, point + weights, k,
      l == layers - 1 ? LINEAR : load<i32>(layer, LAYER_ACTIVATION), y, yRow, r, yRow, scratch,
    );
    x = y;
    xRow = yRow;
    tangents = r;
    beat(control, rank);
  }
  const output = layerAt(network, layers - 1);
  curveRows(
    load<i32>(output, LAYER_ACTIVATION), first, end, load<i32>(output, LAYER_OUTPUTS), x, tangents, xRow, load<usize>(network, TARGETS), 0,
    load<usize>(output, LAYER_D_PANELS), load<usize>(output, LAYER_D_STRIDE),
  );
}
