/**
 * What the work on one case costs, in gradients of one case. A gradient is three passes through the network: forward, backward, and the
 * products that make the gradient of the weights. A forward pass alone is an evaluation. Where a Gauss-Newton product begins, the forward
 * pass is kept and the backward one made once; then each product takes a forward pass of two products a layer (R{h} by the weights and h by
 * the vector's), a backward one, and the products of the weights.
 */
export const CASE_COST = { gradient: 1, evaluation: 1 / 3, linearization: 2 / 3, product: 4 / 3 } as const;

/** How much one update of Hessian-free takes: batches of constant size, and as many steps of conjugate gradient as it may make. */
export interface UpdateSize {
  readonly gradientCases: number;
  readonly curvatureCases: number;
  readonly steps: number;
}

/**
 * The gradient-equivalents of an update that makes all of its steps, without its evaluations, whose number shows only when it is made. One
 * product more is that of the start, where it is not zero.
 */
export function costOfUpdate({ gradientCases, curvatureCases, steps }: UpdateSize): number {
  const { gradient, linearization, product } = CASE_COST;
  return gradient * gradientCases + (linearization + product * (steps + 1)) * curvatureCases;
}

/** What a trial of Hessian-free has done: members of its record. */
export interface WorkDone {
  readonly updates: number;
  /** Cases carried through the network, once for each of the works above. */
  readonly casesProcessed: number;
  readonly conjugateGradientSteps: number;
}

/** Work by its kind, in cases, and all of it in gradients of one case. */
export interface Work {
  readonly gradients: number;
  readonly linearizations: number;
  readonly products: number;
  readonly evaluations: number;
  readonly gradientEquivalents: number;
}

/**
 * The work of a trial of Hessian-free. Gradients and linearizations follow from its updates; products from its steps, one each, and one
 * more for every update after the first, whose conjugate gradient starts from the last solution; what is left of its cases were
 * evaluations, by which a step and its damping are chosen. An update after one that was rejected starts from zero and saves that product,
 * of which nothing is recorded: it is counted here all the same, and as many evaluations less.
 */
export function workOf({ gradientCases, curvatureCases }: UpdateSize, { updates, casesProcessed, conjugateGradientSteps }: WorkDone): Work {
  const gradients = updates * gradientCases;
  const linearizations = updates * curvatureCases;
  const products = (conjugateGradientSteps + Math.max(0, updates - 1)) * curvatureCases;
  const evaluations = Math.max(0, casesProcessed - gradients - linearizations - products);
  const { gradient, linearization, product, evaluation } = CASE_COST;
  const gradientEquivalents = gradient * gradients + linearization * linearizations + product * products + evaluation * evaluations;
  return { gradients, linearizations, products, evaluations, gradientEquivalents };
}
