import { SCRATCH, SCRATCH_BYTES, ZEROS } from "../../src/abi/control";
import {
  LAYERS, LAYER_ACTIVATION, LAYER_D, LAYER_D_PANELS, LAYER_D_STRIDE, LAYER_INPUTS, LAYER_OUTPUTS, LAYER_TRANSPOSED, LAYER_Y_PANELS,
  LAYER_Y_STRIDE, TRANSPOSED,
} from "../../src/abi/descriptor";
import { backwardProduct } from "../dense/backward";
import { paddedColumns } from "../dense/layout";
import { layerAt } from "../network/descriptor";
import { beat } from "../team/control";

/**
 * Carries the deltas of cases [first, end) from the output layer down to the first: of the loss for a gradient, of the curved tangents for
 * a curvature product.
 */
export function backwardRows(network: usize, first: i32, end: i32, control: usize, rank: i32): void {
  const scratch = control + SCRATCH + <usize>(rank * SCRATCH_BYTES);
  for (let l = load<i32>(network, LAYERS) - 1; l > 0; l--) {
    const layer = layerAt(network, l);
    const below = layerAt(network, l - 1);
    const k = load<i32>(layer, LAYER_INPUTS);
    const n = load<i32>(layer, LAYER_OUTPUTS);
    const kRow = <usize>paddedColumns(k) << 2;
    backwardProduct(
      load<usize>(layer, LAYER_D), <usize>paddedColumns(n) << 2, first, end,
      load<usize>(network, TRANSPOSED) + load<usize>(layer, LAYER_TRANSPOSED), <usize>paddedColumns(n) << 5, n, k,
      0, 0, 0, 0, load<i32>(below, LAYER_ACTIVATION), load<usize>(below, LAYER_Y_PANELS), 0, load<usize>(below, LAYER_Y_STRIDE),
      load<usize>(below, LAYER_D), kRow, load<usize>(below, LAYER_D_PANELS), load<usize>(below, LAYER_D_STRIDE), control + ZEROS, scratch,
    );
    beat(control, rank);
  }
}
