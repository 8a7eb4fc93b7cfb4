import { SCRATCH, SCRATCH_BYTES, ZEROS } from "../../src/abi/control";
import {
  ACTIVE, LAYER_D, LAYER_D_PANELS, LAYER_D_STRIDE, LAYER_OUTPUTS, LAYER_TRANSPOSED, LAYER_X_PANELS, LAYER_X_STRIDE, OTHER_STATE_DELTA,
  STATE_DELTA, STATE_TANGENTS, STEPS, TANH, TRANSPOSED,
} from "../../src/abi/descriptor";
import { backwardProduct } from "../dense/backward";
import { PANEL, paddedColumns } from "../dense/layout";
import { flush } from "../math/flush";
import { layerAt } from "../network/descriptor";
import { beat } from "../team/control";

/**
 * Back-propagation through time from the last step, which is scored, e_t the readout's delta:
 *
 *   d_t = (d_{t+1} W_hh' + e_t V') o (1 - h_t^2) + structural R h_t
 *
 * The last term is structural damping's and there for curvature products only (recurrent/curvature.ts); for a gradient `structural` is 0.
 */
export function backwardSteps(network: usize, cases: i32, first: i32, end: i32, structural: f32, control: usize, rank: i32): void {
  const scratch = control + SCRATCH + <usize>(rank * SCRATCH_BYTES);
  const zeros = control + ZEROS;
  const steps = load<i32>(network, STEPS);
  const state = layerAt(network, 0);
  const readout = layerAt(network, 1);
  const hidden = load<i32>(state, LAYER_OUTPUTS);
  const outputs = load<i32>(readout, LAYER_OUTPUTS);
  const hiddenRow = <usize>paddedColumns(hidden) << 2;
  const outputRow = <usize>paddedColumns(outputs) << 2;
  const active = load<usize>(network, ACTIVE);
  const stateWeights = load<usize>(network, TRANSPOSED) + load<usize>(state, LAYER_TRANSPOSED);
  const readoutWeights = load<usize>(network, TRANSPOSED) + load<usize>(readout, LAYER_TRANSPOSED);
  const panels = load<usize>(state, LAYER_X_PANELS);
  const panelStride = load<usize>(state, LAYER_X_STRIDE);
  const deltas = load<usize>(state, LAYER_D_PANELS);
  const deltaStride = load<usize>(state, LAYER_D_STRIDE);
  const stepBytes = <usize>cases * (PANEL * 4);
  const tangents = load<usize>(network, STATE_TANGENTS);
  let later = load<usize>(network, STATE_DELTA);
  let now = load<usize>(network, OTHER_STATE_DELTA);
  for (let t = steps - 1; t >= 0; t--) {
    const scored = load<i32>(active + (<usize>t << 2));
    const e = scored >= 0 ? load<usize>(readout, LAYER_D) + <usize>(scored * cases) * outputRow : 0;
    const h = panels + <usize>(t + 1) * stepBytes;
    const kept = deltas + (<usize>(t * cases) << 5);
    if (t == steps - 1) {
      backwardProduct(
        e, outputRow, first, end, readoutWeights, outputRow << 3, outputs, hidden, 0, 0, 0, 0, TANH, h, 0, panelStride, now, hiddenRow,
        kept, deltaStride, zeros, scratch,
      );
    } else {
      backwardProduct(
        later, hiddenRow, first, end, stateWeights, hiddenRow << 3, hidden, hidden, e, outputRow, readoutWeights, outputs, TANH, h, 0,
        panelStride,
        now, hiddenRow, kept, deltaStride, zeros, scratch,
      );
    }
    if (structural != 0)
      addTangents(structural, tangents + <usize>(t * cases) * hiddenRow, first, end, hidden, now, hiddenRow, kept, deltaStride);
    const last = later;
    later = now;
    now = last;
    beat(control, rank);
  }
}

/** Adds structural R h_t to the deltas of a step, row-major and as case panels. */
function addTangents(
  structural: f32, tangents: usize, first: i32, end: i32, hidden: i32, deltas: usize, rowBytes: usize, panels: usize, panelStride: usize,
): void {
  const scale = f32x4.splat(structural);
  for (let m = first; m < end; m++) {
    const r = tangents + <usize>m * rowBytes;
    const d = deltas + <usize>m * rowBytes;
    const panel = panels + (<usize>m << 5);
    for (let column = 0; column < hidden; column += 4) {
      const at = <usize>column << 2;
      const sum = flush(f32x4.add(v128.load(d + at), f32x4.mul(scale, v128.load(r + at))));
      v128.store(d + at, sum);
      v128.store(panel + <usize>(column >> 3) * panelStride + ((<usize>column & 4) << 2), sum);
    }
  }
}
