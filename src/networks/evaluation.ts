/** How well a network does on a batch. */
export interface Evaluation {
  /** Mean over cases of the per-case loss. */
  readonly loss: number;
  /** Mean over cases of the summed squared difference of outputs and targets, without the 1/2; a mask weighs it as it weighs the loss. */
  readonly squaredError: number;
  /**
   * For softmax outputs and for a single logistic unit: the fraction of cases that are classified wrongly, for a recurrent network of cases
   * at time steps, each weighed by its mask: sum of mask times wrong over sum of mask. The class of a softmax is the largest output, the
   * first of equals, and must be that of the largest target; a logistic unit's output must be at least 0.5 where its target is, and below
   * where its target is.
   */
  readonly zeroOne?: number;
}
