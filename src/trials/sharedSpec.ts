import type { Initialization } from "../initialize/index.js";
import type { TaskSpec } from "../tasks/index.js";

/** What every trial's spec has. */
export interface SharedSpec {
  readonly task: TaskSpec;
  /**
   * Default for autoencoders: `sparse` with 15 incoming connections a unit and scale 1. Default for the recurrent problems: `echoState` as
   * in Table 4; `inputScale` and `outputBiases`, where left out, are the task's.
   */
  readonly initialization: Initialization;
  readonly updates: number;
  /** Default 1. */
  readonly seed: number;
}
