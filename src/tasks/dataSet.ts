import type { Batch } from "../networks/batch.js";

/** A whole data set: a batch that also says how many features a case has. `inputs` is cases x features, row-major. */
export interface DataSet extends Batch {
  readonly inputs: Float32Array<ArrayBuffer>;
  readonly features: number;
}

/** A data set whose cases belong to classes: the class of each, from 0, and one-hot targets that say the same. */
export interface LabeledDataSet extends DataSet {
  readonly targets: Float32Array;
  readonly labels: Uint8Array;
}
