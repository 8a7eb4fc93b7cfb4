import type { Bound } from "./bound.js";
import type { EffectiveMomentum } from "./effectiveMomentum.js";
import type { Equivalence } from "./equivalence.js";
import type { Rotation } from "./rotation.js";
import type { TheoremSpec } from "./spec.js";
import type { SpeedUp } from "./speedUp.js";

/** The numbers that the statements are judged by. */
export interface TheoremNumbers {
  readonly spec: TheoremSpec;
  readonly effectiveMomentum: EffectiveMomentum;
  readonly rotation: Rotation;
  readonly equivalence: Equivalence;
  readonly bounds: readonly Bound[];
  readonly speedUp: SpeedUp;
}
