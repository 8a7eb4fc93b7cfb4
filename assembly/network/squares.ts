import { RECORD_CASES, RECORD_NETWORK, RECORD_WEIGHTS, V_CHUNKS } from "../../src/abi/curvature";
import {
  INPUTS, LAYERS, LAYER_D_PANELS, LAYER_D_STRIDE, LAYER_INPUTS, LAYER_OUTPUTS, LAYER_X_PANELS, LAYER_X_STRIDE, LAYER_Y,
} from "../../src/abi/descriptor";
import { PANEL, SLICE_CASES, paddedColumns } from "../dense/layout";
import { packCasePanels } from "../dense/pack";
import { flush } from "../math/flush";
import { barrier } from "../team/barrier";
import { beat, members } from "../team/control";
import { sliceStart } from "../team/slices";
import { recordOf } from "./curvaturePass";
import { layerAt } from "./descriptor";
import { weightPhase } from "./weights";

/**
 * Sums over cases of the squared gradient of each case's loss, for a feed-forward network whose row phase has just left activations x and
 * deltas d in place. The gradient of one case is x'd, one product an entry, so its square is (x o x)'(d o d) and the sums are the weight
 * phase's own, over squared panels: no pass over the cases that a gradient does not make. (Through time a case's gradient is a sum of such
 * products, whose square does not factor.)
 *
 * Arguments and records are the curvature products' (curvaturePass.ts). Afterward the activations are as they were; the deltas are lost.
 */
export function runSquares(args: usize, control: usize, rank: i32): void {
  const chunks = load<i32>(args, V_CHUNKS);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const record = recordOf(args, chunk);
    const network = load<usize>(record, RECORD_NETWORK);
    const cases = load<i32>(record, RECORD_CASES);
    const team = members(control);
    const slices = (cases + SLICE_CASES - 1) / SLICE_CASES;
    const first = sliceStart(slices, rank, team) * SLICE_CASES;
    const end = min(cases, sliceStart(slices, rank + 1, team) * SLICE_CASES);
    squareRows(network, first, end, control, rank);
    if (!barrier(control, rank)) return;
    weightPhase(network, record + RECORD_WEIGHTS, control, rank);
    if (!barrier(control, rank)) return;
    restoreRows(network, first, end, control, rank);
  }
}

/** Squares what the gradient product reads of cases [first, end). */
function squareRows(network: usize, first: i32, end: i32, control: usize, rank: i32): void {
  const layers = load<i32>(network, LAYERS);
  for (let l = 0; l < layers; l++) {
    const layer = layerAt(network, l);
    squarePanels(load<usize>(layer, LAYER_X_PANELS), load<usize>(layer, LAYER_X_STRIDE), load<i32>(layer, LAYER_INPUTS), PANEL, first, end);
    squarePanels(load<usize>(layer, LAYER_D_PANELS), load<usize>(layer, LAYER_D_STRIDE), load<i32>(layer, LAYER_OUTPUTS), 8, first, end);
    beat(control, rank);
  }
}

function squarePanels(panels: usize, stride: usize, columns: i32, width: i32, first: i32, end: i32): void {
  const caseBytes = <usize>width << 2;
  for (let column = 0; column < columns; column += width) {
    const stop = panels + <usize>end * caseBytes;
    for (let at = panels + <usize>first * caseBytes; at < stop; at += 16) {
      const x = v128.load(at);
      v128.store(at, flush(f32x4.mul(x, x)));
    }
    panels += stride;
  }
}

/** Writes the inputs of every layer into the case panels again, from their rows. */
function restoreRows(network: usize, first: i32, end: i32, control: usize, rank: i32): void {
  const layers = load<i32>(network, LAYERS);
  let rows = load<usize>(network, INPUTS);
  let rowBytes = <usize>load<i32>(layerAt(network, 0), LAYER_INPUTS) << 2;
  for (let l = 0; l < layers; l++) {
    const layer = layerAt(network, l);
    packCasePanels(
      rows, rowBytes, first, end, load<i32>(layer, LAYER_INPUTS), load<usize>(layer, LAYER_X_PANELS), load<usize>(layer, LAYER_X_STRIDE),
    );
    rows = load<usize>(layer, LAYER_Y);
    rowBytes = <usize>paddedColumns(load<i32>(layer, LAYER_OUTPUTS)) << 2;
    beat(control, rank);
  }
}
