import {
  WEIGHTS_PACK, WEIGHTS_UPDATE, W_AHEAD, W_CASES, W_CONTINUES, W_DIRECTION, W_GRADIENT, W_MODE, W_REST, W_THETA,
} from "../../src/abi/arguments";
import { SCRATCH, SCRATCH_BYTES, STATUS_BAD_PARAMETER, ZEROS } from "../../src/abi/control";
import {
  LAYERS, LAYER_BIASES, LAYER_CASES, LAYER_D_PANELS, LAYER_D_STRIDE, LAYER_INPUTS, LAYER_OUTPUTS, LAYER_STARTS, LAYER_TRANSPOSED,
  LAYER_WEIGHTS, LAYER_X_PANELS, LAYER_X_STRIDE, POINT, TRANSPOSED,
} from "../../src/abi/descriptor";
import { BLOCK_CASES } from "../../src/abi/sums";
import { gradientBiases, gradientPair, gradientTile } from "../dense/gradient";
import { ROW_MULTIPLE, TILE_BYTES, WIDE, gradientRowsFor, isNarrow, paddedColumns, paddedRows } from "../dense/layout";
import { addToLongSum } from "../dense/longSum";
import { packTransposed } from "../dense/pack";
import { updateParameters } from "../optimize/update";
import { beat, members, raiseStatus } from "../team/control";
import { firstUnitOf } from "../team/slices";
import { layerAt } from "./descriptor";
import { packPoint } from "./point";

/**
 * Weight phase. The unit of work is ROW_MULTIPLE rows of one column panel, or where tiles are wide of two adjacent ones; the units of all
 * layers stand in one row, of which a member takes its share of the arithmetic. For each unit it forms the gradient tile by tile, applies
 * the update while the tile is at hand, and writes the packed operands that the next row phase reads. With more than one block of cases it
 * goes block by block over its units, so that a block's rows stay in cache.
 */
export function weightPhase(network: usize, args: usize, control: usize, rank: i32): void {
  const team = members(control);
  const layers = load<i32>(network, LAYERS);
  let total: f64 = 0;
  for (let l = 0; l < layers; l++) total += <f64>unitsOf(layerAt(network, l)) * unitCost(layerAt(network, l), args);
  let before: f64 = 0;
  let bad = f32x4.splat(0);
  for (let l = 0; l < layers; l++) {
    const layer = layerAt(network, l);
    const units = unitsOf(layer);
    const cost = unitCost(layer, args);
    const first = firstUnitOf(units, before, cost, total, rank, team);
    const end = firstUnitOf(units, before, cost, total, rank + 1, team);
    before += <f64>units * cost;
    if (load<i32>(args, W_MODE) == WEIGHTS_PACK) {
      for (let unit = first; unit < end; unit++) packUnit(network, layer, unit, args);
      beat(control, rank);
      continue;
    }
    const cases = casesOf(layer, args);
    for (let done = 0; done < cases; done += BLOCK_CASES) {
      for (let unit = first; unit < end; unit++) {
        bad = f32x4.add(bad, gradientUnit(network, layer, unit, done, cases, args, control, rank));
        beat(control, rank);
      }
    }
  }
  if (v128.any_true(f32x4.ne(bad, f32x4.splat(0)))) raiseStatus(control, STATUS_BAD_PARAMETER);
}

/** Columns of a unit; the last of a layer may have half of them. */
const UNIT_COLUMNS: i32 = WIDE ? 16 : 8;

/** Units in one column panel of a layer, or one pair of them. */
// @ts-ignore: decorator
@inline
function groupsOf(layer: usize): i32 {
  return paddedRows(load<i32>(layer, LAYER_INPUTS)) / ROW_MULTIPLE;
}

// @ts-ignore: decorator
@inline
function unitsOf(layer: usize): i32 {
  return ((load<i32>(layer, LAYER_OUTPUTS) + UNIT_COLUMNS - 1) / UNIT_COLUMNS) * groupsOf(layer);
}

// @ts-ignore: decorator
@inline
function casesOf(layer: usize, args: usize): i32 {
  const own = load<i32>(layer, LAYER_CASES);
  return own ? own : load<i32>(args, W_CASES);
}

/** Time of one unit, to scale: a step of the gradient's sum per case, and about twenty such steps for the update. */
// @ts-ignore: decorator
@inline
function unitCost(layer: usize, args: usize): f64 {
  return <f64>(casesOf(layer, args) + 20);
}

/** Byte offset of one column panel in a parameter block. */
// @ts-ignore: decorator
@inline
function panelOffset(layer: usize, column: i32): usize {
  return load<usize>(layer, LAYER_WEIGHTS) + ((<usize>(column >> 3) * <usize>paddedRows(load<i32>(layer, LAYER_INPUTS))) << 5);
}

/** Packs the point of one unit. */
function packUnit(network: usize, layer: usize, unit: i32, args: usize): void {
  const groups = groupsOf(layer);
  const column = (unit / groups) * UNIT_COLUMNS;
  const row = (unit % groups) * ROW_MULTIPLE;
  packPanel(network, layer, column, row, args);
  if (WIDE && column + 8 < load<i32>(layer, LAYER_OUTPUTS)) packPanel(network, layer, column + 8, row, args);
}

/** Packs the point of ROW_MULTIPLE rows of one column panel. */
function packPanel(network: usize, layer: usize, column: i32, row: i32, args: usize): void {
  const weights = panelOffset(layer, column) + (<usize>row << 5);
  const biases = load<usize>(layer, LAYER_BIASES) + (<usize>column << 2);
  const point = load<usize>(network, POINT);
  const theta = load<usize>(args, W_THETA);
  const direction = load<usize>(args, W_DIRECTION);
  const ahead = load<f32>(args, W_AHEAD);
  packPoint(theta + weights, direction ? direction + weights : 0, point + weights, ROW_MULTIPLE * 32, ahead);
  if (row == 0) {
    packPoint(theta + biases, direction ? direction + biases : 0, point + biases, 32, ahead);
    finishBiases(network, layer, column, 8);
  }
  finishPoint(network, layer, column, row);
}

/**
 * Gradient of one unit over the block of cases from `done` on and, once the last block is in, the update or the store that the mode asks
 * for.
 */
function gradientUnit(network: usize, layer: usize, unit: i32, done: i32, cases: i32, args: usize, control: usize, rank: i32): v128 {
  const groups = groupsOf(layer);
  const column = (unit / groups) * UNIT_COLUMNS;
  const first = (unit % groups) * ROW_MULTIPLE;
  const end = min(load<i32>(layer, LAYER_INPUTS), first + ROW_MULTIPLE);
  const isPair = WIDE && column + 8 < load<i32>(layer, LAYER_OUTPUTS);
  const weights = panelOffset(layer, column);
  const panelBytes = <usize>paddedRows(load<i32>(layer, LAYER_INPUTS)) << 5;
  const gradient = load<usize>(args, W_GRADIENT);
  const continues = done > 0 || load<i32>(args, W_CONTINUES) != 0;
  const adds = continues && !load<usize>(args, W_REST);
  const updates = done + BLOCK_CASES >= cases && load<i32>(args, W_MODE) == WEIGHTS_UPDATE;
  const zeros = control + ZEROS;
  const c = control + SCRATCH + <usize>(rank * SCRATCH_BYTES);
  const dStride = load<usize>(layer, LAYER_D_STRIDE);
  const d = load<usize>(layer, LAYER_D_PANELS) + <usize>(column >> 3) * dStride + (<usize>done << 5);
  const x = load<usize>(layer, LAYER_X_PANELS);
  const stride = load<usize>(layer, LAYER_X_STRIDE);
  const length = min(BLOCK_CASES, cases - done);
  let bad = f32x4.splat(0);
  for (let row = first, rows = 0; row < end; row += rows) {
    rows = gradientRowsFor(row, end);
    const at = weights + (<usize>row << 5);
    const bytes = <usize>rows << 5;
    const start = adds ? gradient + at : 0;
    if (isPair) gradientPair(x, stride, done, d, dStride, row, rows, length, start, panelBytes, zeros, c);
    else gradientTile(x, stride, done, d, row, rows, length, start, zeros, c, isNarrow(column, load<i32>(layer, LAYER_OUTPUTS)));
    bad = f32x4.add(bad, takeSums(network, args, c, at, bytes, continues, updates));
    if (isPair) bad = f32x4.add(bad, takeSums(network, args, c + TILE_BYTES, at + panelBytes, bytes, continues, updates));
  }
  // The biases of two panels at once, by whoever has the first rows of the first of them.
  if (first == 0 && !(column & 8)) {
    const biases = load<usize>(layer, LAYER_BIASES) + (<usize>column << 2);
    const bytes = gradientBiases(d, dStride, column + 8 < load<i32>(layer, LAYER_OUTPUTS), length, adds ? gradient + biases : 0, c);
    bad = f32x4.add(bad, takeSums(network, args, c, biases, bytes, continues, updates));
    if (updates) finishBiases(network, layer, column, <i32>(bytes >> 2));
  }
  if (updates) {
    finishPoint(network, layer, column, first);
    if (isPair) finishPoint(network, layer, column + 8, first);
  }
  return bad;
}

/** Makes the update with sums at `c` that belong at offset `at` of a parameter block, or stores them. */
// @ts-ignore: decorator
@inline
function takeSums(network: usize, args: usize, c: usize, at: usize, bytes: usize, continues: bool, updates: bool): v128 {
  const gradient = load<usize>(args, W_GRADIENT);
  const rest = load<usize>(args, W_REST);
  if (rest) addToLongSum(gradient + at, rest + at, c, bytes, continues);
  if (updates) return updateParameters(args, c, at, load<usize>(network, POINT) + at, bytes);
  memory.copy(gradient + at, c, bytes);
  return f32x4.splat(0);
}

/** Copies the biases of up to `count` columns to where tiles start from, once they are packed. */
function finishBiases(network: usize, layer: usize, column: i32, count: i32): void {
  const biases = load<usize>(network, POINT) + load<usize>(layer, LAYER_BIASES);
  const at = <usize>column << 2;
  memory.copy(load<usize>(layer, LAYER_STARTS) + at, biases + at, <usize>min(count, load<i32>(layer, LAYER_OUTPUTS) - column) << 2);
}

/** What follows once a unit of the packed operand is written: the transposed operand where there is one. */
function finishPoint(network: usize, layer: usize, column: i32, row: i32): void {
  const outputs = load<i32>(layer, LAYER_OUTPUTS);
  const point = load<usize>(network, POINT);
  const transposed = load<i32>(layer, LAYER_TRANSPOSED);
  if (transposed < 0) return;
  const panelBytes = <usize>paddedColumns(outputs) << 5;
  const rows = min(ROW_MULTIPLE, load<i32>(layer, LAYER_INPUTS) - row);
  packTransposed(
    point + panelOffset(layer, column) + (<usize>row << 5), rows,
    load<usize>(network, TRANSPOSED) + <usize>transposed + <usize>(row >> 3) * panelBytes + (<usize>column << 5), panelBytes,
  );
}
