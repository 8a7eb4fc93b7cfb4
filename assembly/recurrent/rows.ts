import { ROWS_GRADIENT, ROWS_PREDICT } from "../../src/abi/arguments";
import { SCRATCH, SCRATCH_BYTES, STATUS_BAD_INPUT, STATUS_BAD_TARGET } from "../../src/abi/control";
import {
  ACTIVE, INPUTS, LAYER_ACTIVATION, LAYER_D, LAYER_D_PANELS, LAYER_D_STRIDE, LAYER_INPUTS, LAYER_OUTPUTS, LAYER_STARTS, LAYER_WEIGHTS,
  LAYER_X_PANELS, LAYER_X_STRIDE, LAYER_Y, LINEAR, LOSS, MASK, OTHER_STATE, POINT, ROW_ERROR, ROW_LOSS, SOFTMAX, STATE, STATE_HISTORY,
  STATE_ROW, STATE_STEP, STEPS, TANH, TARGETS,
} from "../../src/abi/descriptor";
import { casePanelQuad, forwardProduct } from "../dense/forward";
import { PANEL, SLICE_CASES, STRIP_CASES, paddedColumns, paddedRows } from "../dense/layout";
import { packCasePanels } from "../dense/pack";
import { outputRows } from "../network/loss";
import { layerAt } from "../network/descriptor";
import { beat, members, raiseStatus } from "../team/control";
import { sliceStart } from "../team/slices";
import { backwardSteps } from "./backward";

/**
 * Row phase of a recurrent network: a member carries its slice of the cases through all time steps, forward, loss and back, with no barrier
 * inside.
 *
 *   h_t = tanh([h_{t-1}, x_t] W + b),  h_{-1} = 0;   z_t = h_t V + c at the steps where some case is scored
 *
 * State and input of a case stand side by side in one row, so that a step is one product with W = [W_hh; W_xh]. Letters: T steps, M cases,
 * A scored steps.
 */
export function recurrentRowPhase(network: usize, cases: i32, goal: i32, control: usize, rank: i32): void {
  const team = members(control);
  const slices = (cases + SLICE_CASES - 1) / SLICE_CASES;
  const stop = min(cases, sliceStart(slices, rank + 1, team) * SLICE_CASES);
  for (let first = sliceStart(slices, rank, team) * SLICE_CASES; first < stop; first += STRIP_CASES) {
    const end = min(stop, first + STRIP_CASES);
    forward(network, cases, first, end, goal, control, rank);
    scoreOutputs(network, cases, first, end, goal, control);
    if (goal == ROWS_GRADIENT) backwardSteps(network, cases, first, end, 0, control, rank);
  }
}

function forward(network: usize, cases: i32, first: i32, end: i32, goal: i32, control: usize, rank: i32): void {
  const scratch = control + SCRATCH + <usize>(rank * SCRATCH_BYTES);
  const steps = load<i32>(network, STEPS);
  const state = layerAt(network, 0);
  const readout = layerAt(network, 1);
  const point = load<usize>(network, POINT);
  const width = load<i32>(state, LAYER_INPUTS);
  const hidden = load<i32>(state, LAYER_OUTPUTS);
  const outputs = load<i32>(readout, LAYER_OUTPUTS);
  const outputRow = <usize>paddedColumns(outputs) << 2;
  const rowBytes = load<usize>(network, STATE_ROW);
  const active = load<usize>(network, ACTIVE);
  const history = load<usize>(network, STATE_HISTORY);
  const keeps = goal == ROWS_GRADIENT;
  const panels = keeps ? load<usize>(state, LAYER_X_PANELS) : 0;
  const panelStride = load<usize>(state, LAYER_X_STRIDE);
  const stepBytes = <usize>cases * (PANEL * 4);
  const stateStep = load<usize>(network, STATE_STEP);
  let now = load<usize>(network, STATE);
  let next = stateStep ? now + stateStep : load<usize>(network, OTHER_STATE);
  clearState(now, rowBytes, first, end, hidden, panels, panelStride);
  let finite = writeInputs(network, cases, 0, first, end, now, panels, panelStride);
  for (let t = 0; t < steps; t++) {
    forwardProduct(
      now, rowBytes, first, end, point + load<usize>(state, LAYER_WEIGHTS), <usize>paddedRows(width) << 5, width, hidden,
      load<usize>(state, LAYER_STARTS), TANH,
      next, rowBytes, panels ? panels + <usize>(t + 1) * stepBytes : 0, panelStride, scratch,
    );
    const scored = load<i32>(active + (<usize>t << 2));
    if (scored >= 0) {
      forwardProduct(
        next, rowBytes, first, end, point + load<usize>(readout, LAYER_WEIGHTS), <usize>paddedRows(hidden) << 5, hidden, outputs,
        load<usize>(readout, LAYER_STARTS),
        goal == ROWS_PREDICT && load<i32>(readout, LAYER_ACTIVATION) != SOFTMAX ? load<i32>(readout, LAYER_ACTIVATION) : LINEAR,
        load<usize>(readout, LAYER_Y) + <usize>(scored * cases) * outputRow, outputRow, 0, 0, scratch,
      );
      if (keeps) {
        packCasePanels(
          next, rowBytes, first, end, hidden, load<usize>(readout, LAYER_X_PANELS) + <usize>scored * stepBytes,
          load<usize>(readout, LAYER_X_STRIDE),
        );
      }
    }
    if (history) {
      const row = <usize>paddedColumns(hidden) << 2;
      for (let m = first; m < end; m++) memory.copy(history + <usize>(t * cases + m) * row, next + <usize>m * rowBytes, <usize>hidden << 2);
    }
    // After the state: its padding columns reach into the place of the inputs.
    if (t + 1 < steps && !writeInputs(network, cases, t + 1, first, end, next, panels, panelStride)) finite = false;
    const last = now;
    now = next;
    next = stateStep ? next + stateStep : last;
    beat(control, rank);
  }
  if (!finite) raiseStatus(control, STATUS_BAD_INPUT);
}

/** h_{-1} = 0. */
function clearState(rows: usize, rowBytes: usize, first: i32, end: i32, hidden: i32, panels: usize, panelStride: usize): void {
  memory.fill(rows + <usize>first * rowBytes, 0, <usize>(end - first) * rowBytes);
  if (!panels) return;
  for (let column = 0; column < hidden; column += 4) {
    const quad = casePanelQuad(panels, panelStride, column);
    for (let m = first; m < end; m++) v128.store(quad + <usize>m * (PANEL * 4), f32x4.splat(0));
  }
}

/** Puts x_t beside h_{t-1}, in the row and, if kept, in the case panels. Returns whether every value is finite. */
function writeInputs(network: usize, cases: i32, t: i32, first: i32, end: i32, rows: usize, panels: usize, panelStride: usize): bool {
  const state = layerAt(network, 0);
  const hidden = load<i32>(state, LAYER_OUTPUTS);
  const inputs = load<i32>(state, LAYER_INPUTS) - hidden;
  const rowBytes = load<usize>(network, STATE_ROW);
  const x = load<usize>(network, INPUTS) + (<usize>((t * cases + first) * inputs) << 2);
  let bad: f32 = 0;
  for (let i = 0; i < inputs; i++) {
    let from = x + (<usize>i << 2);
    let to = rows + <usize>first * rowBytes + (<usize>(hidden + i) << 2);
    let panel = panels ? casePanelQuad(panels, panelStride, hidden + i) + <usize>(t * cases + first) * (PANEL * 4) : 0;
    for (let m = first; m < end; m++) {
      const value = load<f32>(from);
      bad += value - value;
      store<f32>(to, value);
      if (panel) {
        store<f32>(panel, value);
        panel += PANEL * 4;
      }
      from += <usize>inputs << 2;
      to += rowBytes;
    }
  }
  return bad == 0;
}

/** Loss, error and delta at the scored steps; for a prediction the outputs of every step. */
function scoreOutputs(network: usize, cases: i32, first: i32, end: i32, goal: i32, control: usize): void {
  const readout = layerAt(network, 1);
  const outputs = load<i32>(readout, LAYER_OUTPUTS);
  const rowBytes = <usize>paddedColumns(outputs) << 2;
  const steps = load<i32>(network, STEPS);
  const active = load<usize>(network, ACTIVE);
  const mask = load<usize>(network, MASK);
  for (let t = 0; t < steps; t++) {
    const scored = load<i32>(active + (<usize>t << 2));
    if (scored < 0) continue;
    const before = <usize>(scored * cases);
    const finite = outputRows(
      goal, load<i32>(network, LOSS), load<i32>(readout, LAYER_ACTIVATION), first, end, outputs,
      load<usize>(readout, LAYER_Y) + before * rowBytes, rowBytes,
      load<usize>(network, TARGETS) + (<usize>(t * cases * outputs) << 2), mask ? mask + (<usize>(t * cases) << 2) : 0,
      load<usize>(readout, LAYER_D) + before * rowBytes, load<usize>(readout, LAYER_D_PANELS) + (before << 5),
      load<usize>(readout, LAYER_D_STRIDE),
      load<usize>(network, ROW_LOSS) + (before << 3), load<usize>(network, ROW_ERROR) + (before << 3),
    );
    if (!finite) raiseStatus(control, STATUS_BAD_TARGET);
  }
}
