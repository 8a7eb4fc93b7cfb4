/**
 * A feed-forward network as the host lays it out (src/networks/feedForwardWorkspace.ts and recurrentWorkspace.ts write it): a header, then one record a layer, all 32-bit words.
 *
 * Four blocks share one layout, in which a layer's weights (weight panels) and biases stand at the offsets its record names:
 * theta, the packed forward operand ("point": where gradients are taken), a velocity or a gradient. The transposed operand has a layout of its own.
 */
export const LAYERS: usize = 0;
export const LOSS: usize = 4; // 0 squared, 1 cross-entropy
export const POINT: usize = 8; // packed block the products read
export const TRANSPOSED: usize = 12;
export const INPUTS: usize = 16; // row-major cases, K of the first layer apart
export const TARGETS: usize = 20; // row-major cases, N of the last layer apart
export const INPUT_PANELS: usize = 24;
export const INPUT_PANEL_STRIDE: usize = 28;
export const ROW_LOSS: usize = 32; // f64 a case
export const ROW_ERROR: usize = 36; // f64 a case
// Recurrent networks only (recurrent/rows.ts); their two layers are the state's, with inputs [h, x], and the readout's.
export const STEPS: usize = 40; // time steps to carry cases through
export const STATE: usize = 44; // two buffers of row-major rows [h_{t-1}, x_t], turn and turn about
export const OTHER_STATE: usize = 48;
export const STATE_ROW: usize = 52; // bytes of such a row
export const ACTIVE: usize = 56; // i32 a step: which of the scored steps it is, or -1
export const MASK: usize = 60; // f32 a step and case, the weight of its loss; 0 for all 1
export const STATE_DELTA: usize = 64; // two buffers of row-major state deltas
export const OTHER_STATE_DELTA: usize = 68;
export const STATE_HISTORY: usize = 72; // if not 0, receives every h_t, steps x cases x paddedColumns(hidden)
export const STATE_STEP: usize = 76; // bytes from a step's state rows to the next one's, where all are kept for curvature products; 0: two buffers
export const STATE_TANGENTS: usize = 80; // then also: row-major tangents of every h_t, steps x cases x paddedColumns(hidden)
const HEADER: usize = 128;

export const LAYER_INPUTS: usize = 0;
export const LAYER_OUTPUTS: usize = 4;
export const LAYER_ACTIVATION: usize = 8;
export const LAYER_WEIGHTS: usize = 12; // byte offset of the weights in every block
export const LAYER_BIASES: usize = 16;
export const LAYER_TRANSPOSED: usize = 20; // byte offset in the transposed block; negative where no input gradient is ever asked for
export const LAYER_STARTS: usize = 24; // address: biases as tiles start from them, padding filled (dense/activation.ts)
export const LAYER_Y: usize = 28; // row-major activations; of the output layer logits, which the loss replaces by the outputs
export const LAYER_Y_PANELS: usize = 32;
export const LAYER_Y_STRIDE: usize = 36;
export const LAYER_D: usize = 40; // row-major deltas; on the way forward of a curvature product the tangents
export const LAYER_D_PANELS: usize = 44;
export const LAYER_D_STRIDE: usize = 48;
export const LAYER_X_PANELS: usize = 52; // case panels of the layer's inputs: the input panels, or the layer below's Y panels
export const LAYER_X_STRIDE: usize = 56;
export const LAYER_CASES: usize = 60; // rows of those panels, where they are not one a case of the batch; else 0
const RECORD: usize = 64;

// @ts-ignore: decorator
@inline
export function layerAt(network: usize, index: i32): usize {
  return network + HEADER + <usize>index * RECORD;
}
