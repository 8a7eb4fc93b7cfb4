import type { Batch } from "../networks/batch.js";

/** A whole data set: a batch that also says how many features a case has. `inputs` is cases x features, row-major. */
export interface DataSet extends Batch {
  readonly features: number;
}
