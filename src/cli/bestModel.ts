import { saveModel } from "../networks/model.js";
import type { Measures } from "../trials/preparedTask.js";
import type { Report, Trial } from "../trials/trial.js";
import type { RunDirectory } from "./runDirectory.js";

/**
 * Keeps the network of a run's lowest watched error so far as best.safetensors: without clipping, one unlucky minibatch can undo at high momentum what took
 * hours to learn. It is written with the checkpoints and at the end, so that a run that goes on from one finds the file of before, or one that it makes again.
 */
export class BestModel {
  private lowest = Infinity;
  private pending: Uint8Array | undefined;

  /** `reports` are those made already. */
  constructor(
    private readonly directory: RunDirectory,
    private readonly key: keyof Measures,
    reports: readonly Report[] = [],
  ) {
    for (const { [key]: error = Infinity } of reports) this.lowest = Math.min(this.lowest, error);
  }

  /** Looks at a report while the network is that of it. */
  see({ network }: Trial, { [this.key]: error = Infinity }: Report): void {
    if (!(error < this.lowest)) return;
    this.lowest = error;
    this.pending = saveModel(network);
  }

  /** Writes what is new. */
  async write(): Promise<void> {
    if (this.pending === undefined) return;
    await this.directory.write("best.safetensors", this.pending);
    this.pending = undefined;
  }
}
