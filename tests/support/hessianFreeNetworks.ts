import type { Batch, HessianFreeOptions, Network } from "heavyball";
import { layers } from "./networks.js";
import { shape } from "./sequences.js";

/** The networks on which Hessian-free is tried. */
export const SHAPE = layers([5, 7, 6, 4], "tanh", "logistic");
export const SEQUENCES = shape(2, 9, 2, "linear");
/** No more damping than such small networks bear. */
export const MILD: HessianFreeOptions = { damping: { initial: 1 } };

/** What Hessian-free lowers: the loss with its weight decay. */
export const objectiveAt = (network: Network, batch: Batch, w: number): number =>
  network.evaluate(batch).loss + 0.5 * w * network.getParameters().reduce((sum, x) => sum + x * x, 0);
