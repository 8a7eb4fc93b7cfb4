import { SCRATCH, SCRATCH_BYTES } from "../../src/abi/control";
import {
  ACTIVE, LAYER_ACTIVATION, LAYER_BIASES, LAYER_D, LAYER_D_PANELS, LAYER_D_STRIDE, LAYER_INPUTS, LAYER_OUTPUTS, LAYER_WEIGHTS, LAYER_Y,
  LINEAR, MASK, POINT, STATE, STATE_ROW, STATE_STEP, STATE_TANGENTS, STEPS, TANH, TARGETS,
} from "../../src/abi/descriptor";
import { SLICE_CASES, STRIP_CASES, paddedColumns, paddedRows } from "../dense/layout";
import { tangentProduct } from "../dense/tangent";
import { curveRows } from "../network/curvature";
import { layerAt } from "../network/descriptor";
import { beat, members } from "../team/control";
import { sliceStart } from "../team/slices";
import { backwardSteps } from "./backward";

/**
 * Row phase of a Gauss-Newton product through time, over cases whose states the row phase of a gradient has kept (recurrent/rows.ts):
 *
 *   R h_t = ([h_{t-1}, x_t] V + vb + R h_{t-1} W_hh) o (1 - h_t^2),  R h_{-1} = 0;
 *   R z_t = h_t V_o + vb_o + R h_t W_o,  e_t = mask H R z_t;   then back
 *
 * Structural damping (Martens and Sutskever 2011) adds structural * sum over steps of D(h_t(theta + delta), h_t(theta)), D the
 * cross-entropy of (1 + h) / 2: its Gauss-Newton term at the pre-activation of step t is (1 - h_t^2) R(pre_t), which is R h_t. It counts
 * every step that is carried, scored or not.
 */
export function recurrentCurvatureRowPhase(network: usize, cases: i32, direction: usize, structural: f32, control: usize, rank: i32): void {
  const team = members(control);
  const slices = (cases + SLICE_CASES - 1) / SLICE_CASES;
  const end = min(cases, sliceStart(slices, rank + 1, team) * SLICE_CASES);
  for (let first = sliceStart(slices, rank, team) * SLICE_CASES; first < end; first += STRIP_CASES) {
    const last = min(end, first + STRIP_CASES);
    tangentSteps(network, cases, direction, first, last, control, rank);
    backwardSteps(network, cases, first, last, structural, control, rank);
  }
}

/** Tangents of cases [first, end) at every step, and the readout's deltas at the scored ones. */
function tangentSteps(network: usize, cases: i32, direction: usize, first: i32, end: i32, control: usize, rank: i32): void {
  const scratch = control + SCRATCH + <usize>(rank * SCRATCH_BYTES);
  const steps = load<i32>(network, STEPS);
  const state = layerAt(network, 0);
  const readout = layerAt(network, 1);
  const point = load<usize>(network, POINT);
  const width = load<i32>(state, LAYER_INPUTS);
  const hidden = load<i32>(state, LAYER_OUTPUTS);
  const outputs = load<i32>(readout, LAYER_OUTPUTS);
  const hiddenRow = <usize>paddedColumns(hidden) << 2;
  const outputRow = <usize>paddedColumns(outputs) << 2;
  const rowBytes = load<usize>(network, STATE_ROW);
  const stateStep = load<usize>(network, STATE_STEP);
  const stateWeights = load<usize>(state, LAYER_WEIGHTS);
  const stateBiases = direction + load<usize>(state, LAYER_BIASES);
  const statePanel = <usize>paddedRows(width) << 5;
  const readoutWeights = load<usize>(readout, LAYER_WEIGHTS);
  const readoutBiases = direction + load<usize>(readout, LAYER_BIASES);
  const readoutPanel = <usize>paddedRows(hidden) << 5;
  const active = load<usize>(network, ACTIVE);
  const mask = load<usize>(network, MASK);
  let now = load<usize>(network, STATE);
  let tangents = load<usize>(network, STATE_TANGENTS);
  let before: usize = 0;
  for (let t = 0; t < steps; t++) {
    const next = now + stateStep;
    tangentProduct(
      now, rowBytes, first, end, direction + stateWeights, stateBiases, statePanel, width, hidden, before, hiddenRow, point + stateWeights,
      hidden,
      TANH, next, rowBytes, tangents, hiddenRow, scratch,
    );
    const scored = load<i32>(active + (<usize>t << 2));
    if (scored >= 0) {
      const row = <usize>(scored * cases);
      const p = load<usize>(readout, LAYER_Y) + row * outputRow;
      const r = load<usize>(readout, LAYER_D) + row * outputRow;
      tangentProduct(
        next, rowBytes, first, end, direction + readoutWeights, readoutBiases, readoutPanel, hidden, outputs, tangents, hiddenRow,
        point + readoutWeights, hidden,
        LINEAR, p, outputRow, r, outputRow, scratch,
      );
      curveRows(
        load<i32>(readout, LAYER_ACTIVATION), first, end, outputs, p, r, outputRow,
        load<usize>(network, TARGETS) + (<usize>(t * cases * outputs) << 2), mask ? mask + (<usize>(t * cases) << 2) : 0,
        load<usize>(readout, LAYER_D_PANELS) + (row << 5), load<usize>(readout, LAYER_D_STRIDE),
      );
    }
    now = next;
    before = tangents;
    tangents += <usize>cases * hiddenRow;
    beat(control, rank);
  }
}
