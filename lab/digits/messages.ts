import type { LabeledDataSet } from "heavyball";

/** What the sliders say: the rate is that of the first updates, of which the last ones have a tenth. */
export interface Chosen {
  readonly learningRate: number;
  readonly momentum: number;
}

/** What the page asks of the Worker. */
export type Asked =
  /** Train: on these digits, or where there are none on written ones. */
  | ({ readonly kind: "train"; readonly digits?: LabeledDataSet; readonly test?: LabeledDataSet } & Chosen)
  | { readonly kind: "stop" }
  /** Read a digit. */
  | { readonly kind: "read"; readonly picture: Float32Array };

/** What the Worker says. */
export type Told =
  | { readonly kind: "begun"; readonly cases: number; readonly samples: Float32Array; readonly threads: number }
  | { readonly kind: "report"; readonly update: number; readonly loss: number; readonly wrong: number }
  | { readonly kind: "ended"; readonly wrong: number; readonly what: string }
  | { readonly kind: "answer"; readonly shares: Float32Array }
  | { readonly kind: "failed"; readonly message: string };
