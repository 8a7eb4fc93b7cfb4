import { ProgressBars, type Terminal } from "../../report/text/progressBars.js";
import type { TrialProgress } from "../../trials/progress.js";

/** Progress bars for one trial or for several beside each other. */
export class TrialBars {
  private bars: ProgressBars | undefined;

  constructor(
    private readonly terminal: Terminal,
    private readonly names: readonly string[],
  ) {}

  /** The trials as they are now, in the order of the names; the first time, as they begin. */
  show(trials: readonly TrialProgress[]): void {
    this.bars ??= new ProgressBars(
      this.terminal,
      trials.map(({ updates, update, share }, at) => ({ name: this.names[at], total: updates, update, share })),
    );
    for (const [at, { update, error, within, detail, share }] of trials.entries())
      this.bars.advance(at, update, error, { within, detail, share });
  }

  /** Draws the last state and gives the cursor back. */
  finish(): void {
    this.bars?.finish();
    this.bars = undefined;
  }
}
