import type { CheckedPilot } from "./pilot.js";
import type { Steps } from "./specPath.js";
import type { SweepChoice } from "./sweep.js";

/** The values of one path of a grid. */
export interface Axis {
  readonly path: string;
  readonly steps: Steps;
  /** What the path is called in tables. */
  readonly title: string;
  readonly values: readonly { readonly value: unknown; readonly name: string }[];
  /** Whether the sweep has them as a list, or by their names. */
  readonly isListed: boolean;
}

/** A trial with its grid. */
export interface CheckedPart {
  /** Where its trial stands, for messages: "trial", "trials[2].trial". */
  readonly where: string;
  readonly name: string;
  /** Whether the sweep gives it that name, which is otherwise its number. */
  readonly isNamed: boolean;
  readonly trial: Readonly<Record<string, unknown>>;
  readonly axes: readonly Axis[];
}

/** A sweep whose form is right and whose values were looked at, each once. */
export interface CheckedSweep {
  readonly parts: readonly CheckedPart[];
  readonly choose?: SweepChoice;
  readonly pilot?: CheckedPilot;
}
