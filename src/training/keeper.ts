import type { Network } from "../networks/network.js";
import type { Optimizer, SavedState } from "../optimizers/optimizer.js";

/** A network and its optimizer as they were after an update, to go back to. */
export class Keeper {
  private kept: { readonly update: number; readonly parameters: Float32Array; readonly state: SavedState };

  /** Keeps what there is before the first update. Throws DisposedError. */
  constructor(
    private readonly network: Network,
    private readonly optimizer: Optimizer,
  ) {
    this.kept = this.read(0);
  }

  /** The update that is kept. */
  get update(): number {
    return this.kept.update;
  }

  /** Throws DivergedError for a state that is not finite, which is not kept then. */
  keep(update: number): void {
    this.kept = this.read(update);
  }

  /** Gives network and optimizer back what they were. */
  restore(): void {
    const { parameters, state } = this.kept;
    this.network.setParameters(parameters);
    this.optimizer.setState(state);
  }

  private read(update: number): Keeper["kept"] {
    return { update, parameters: this.network.getParameters(), state: this.optimizer.getState() };
  }
}
