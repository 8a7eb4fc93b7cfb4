import type { NesterovBound } from "./bound.js";
import type { EffectiveMomentum } from "./effectiveMomentum.js";
import type { MomentumEquivalence } from "./equivalence.js";
import type { RotatedTrajectories } from "./rotation.js";
import type { TheoremSpec } from "./spec.js";
import type { SpeedUp } from "./speedUp.js";

/** The numbers that the statements are judged by. */
export interface TheoremNumbers {
  readonly spec: TheoremSpec;
  readonly effectiveMomentum: EffectiveMomentum;
  readonly rotation: RotatedTrajectories;
  readonly equivalence: MomentumEquivalence;
  readonly bounds: readonly NesterovBound[];
  readonly speedUp: SpeedUp;
}
