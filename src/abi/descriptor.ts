/**
 * A network as the host lays it out and the kernels read it: a header, then one record a layer, all 32-bit words; offsets in bytes.
 *
 * Four blocks share one layout, in which a layer's weights (weight panels) and biases stand at the offsets its record names:
 * theta, the packed forward operand ("point": where gradients are taken), a velocity or a gradient. The transposed operand has a layout of
 * its own.
 */
export const LAYERS = 0;
export const LOSS = 4; // 0 squared, 1 cross-entropy
export const POINT = 8; // packed block the products read
export const TRANSPOSED = 12;
export const INPUTS = 16; // row-major cases, K of the first layer apart
export const TARGETS = 20; // row-major cases, N of the last layer apart
export const INPUT_PANELS = 24;
export const INPUT_PANEL_STRIDE = 28;
export const ROW_LOSS = 32; // f64 a case
export const ROW_ERROR = 36; // f64 a case
// Recurrent networks only (assembly/recurrent/rows.ts); their two layers are the state's, with inputs [h, x], and the readout's.
export const STEPS = 40; // time steps to carry cases through
export const STATE = 44; // two buffers of row-major rows [h_{t-1}, x_t], turn and turn about
export const OTHER_STATE = 48;
export const STATE_ROW = 52; // bytes of such a row
export const ACTIVE = 56; // i32 a step: which of the scored steps it is, or -1
export const MASK = 60; // f32 a step and case, the weight of its loss; 0 for all 1
export const STATE_DELTA = 64; // two buffers of row-major state deltas
export const OTHER_STATE_DELTA = 68;
export const STATE_HISTORY = 72; // if not 0, receives every h_t, steps x cases x paddedColumns(hidden)
export const STATE_STEP = 76; // bytes from a step's state rows to the next one's, where all are kept for curvature products; 0: two buffers
export const STATE_TANGENTS = 80; // then also: row-major tangents of every h_t, steps x cases x paddedColumns(hidden)
export const DESCRIPTOR_HEADER = 128;

export const LAYER_INPUTS = 0;
export const LAYER_OUTPUTS = 4;
export const LAYER_ACTIVATION = 8;
export const LAYER_WEIGHTS = 12; // byte offset of the weights in every block
export const LAYER_BIASES = 16;
export const LAYER_TRANSPOSED = 20; // byte offset in the transposed block; negative where no input gradient is ever asked for
export const LAYER_STARTS = 24; // address: biases as tiles start from them, padding filled (dense/activation.ts)
export const LAYER_Y = 28; // row-major activations; of the output layer logits, which the loss replaces by the outputs
export const LAYER_Y_PANELS = 32;
export const LAYER_Y_STRIDE = 36;
export const LAYER_D = 40; // row-major deltas; on the way forward of a curvature product the tangents
export const LAYER_D_PANELS = 44;
export const LAYER_D_STRIDE = 48;
export const LAYER_X_PANELS = 52; // case panels of the layer's inputs: the input panels, or the layer below's Y panels
export const LAYER_X_STRIDE = 56;
export const LAYER_CASES = 60; // rows of those panels, where they are not one a case of the batch; else 0
export const LAYER_RECORD = 64;

/** Codes of LOSS. */
export const LOSS_SQUARED = 0;
export const LOSS_CROSS_ENTROPY = 1;

/** Codes of LAYER_ACTIVATION. Softmax acts on a whole row and is applied with the loss. */
export const LINEAR = 0;
export const LOGISTIC = 1;
export const TANH = 2;
export const SOFTMAX = 3;
export const RELU = 4;
