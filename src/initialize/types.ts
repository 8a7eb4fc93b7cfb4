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

export type Initialization = SparseInitialization | DenseInitialization | EchoStateInitialization;
