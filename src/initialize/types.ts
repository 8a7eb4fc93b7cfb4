/** What one layer of a feed-forward network looks like to its initialization. */
export interface LayerShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: "logistic" | "tanh" | "relu" | "linear" | "softmax";
  /** The activation of the layer that feeds this one; "data" for the first. */
  readonly inputActivation: "logistic" | "tanh" | "relu" | "linear" | "softmax" | "data";
}

/** Martens' sparse initialization (SI); see `sparse`. */
export interface SparseInitialization {
  readonly method: "sparse";
  readonly fanIn: number;
  readonly scale: number;
  readonly biases?: number;
  readonly seed?: number;
}

/** Every weight drawn; see `dense`. */
export interface DenseInitialization {
  readonly method: "dense";
  readonly distribution: "gaussian" | "glorot";
  readonly scale: number | "he";
  readonly biases: number;
  readonly seed?: number;
}

/** Table 4 of the paper, for recurrent networks; see `echoState`. */
export interface EchoStateInitialization {
  readonly method: "echoState";
  readonly fanIn: number;
  readonly spectralRadius: number;
  readonly inputScale: number;
  readonly outputScale: number;
  readonly outputBiases?: readonly number[];
  readonly seed?: number;
}

/** An initialization as plain data, as `sparse`, `dense` and `echoState` make them. */
export type Initialization = SparseInitialization | DenseInitialization | EchoStateInitialization;

/** Options of `sparse`. */
export interface SparseOptions {
  /** Incoming connections a unit, at least 1. Default 15, the paper's. */
  fanIn?: number;
  /** Multiplies the weights. Default 1. */
  scale?: number;
  /** One value for every bias. Default: 0, and 0.5 for tanh units as `sparse` says. */
  biases?: number;
  /** In place of the trial's, or of the one `initialize` is given. */
  seed?: number;
}

/** Options of `dense`. */
export interface DenseOptions {
  /** What weights are drawn from. Default gaussian. */
  distribution?: "gaussian" | "glorot";
  /** Multiplies the weights; "he" is sqrt(2 / inputs), gaussian only. Default 0.1 for gaussian, 1 for glorot. */
  scale?: number | "he";
  /** The value of every bias. Default 0. */
  biases?: number;
  /** In place of the trial's, or of the one `initialize` is given. */
  seed?: number;
}

/** Options of `echoState`. */
export interface EchoStateOptions {
  /** Standard deviation of the input-to-hidden weights: 0.001 in Table 4 for addition and multiplication, 0.1 for the memory problems. */
  inputScale: number;
  /** Incoming hidden-to-hidden connections a unit. Default 15. */
  fanIn?: number;
  /** Largest modulus of the eigenvalues of the hidden-to-hidden weights. Default 1.1. */
  spectralRadius?: number;
  /** Standard deviation of the hidden-to-output weights. Default 0.1. */
  outputScale?: number;
  /** One for each output: Table 4 says the average of the outputs. Default 0. */
  outputBiases?: ArrayLike<number>;
  /** In place of the trial's, or of the one `initialize` is given. */
  seed?: number;
}
