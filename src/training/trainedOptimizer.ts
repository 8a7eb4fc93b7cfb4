import { InvalidOptionError } from "../errors.js";
import type { Batch } from "../networks/batch.js";
import { Network } from "../networks/network.js";
import { isNetworkLike } from "../networks/networkLike.js";
import type { Optimizer, StepResult } from "../optimizers/optimizer.js";

/** An optimizer whose updates are long, and come in slices. */
type Advancing = Optimizer & { advance(batch: Batch): Generator<unknown, StepResult, void> };

/** Throws InvalidOptionError for anything but a network of this copy of the library, DisposedError for one that is gone. */
export function checkNetwork(network: unknown): Network {
  if (!(network instanceof Network)) {
    const seen = isNetworkLike(network) ? "a network of another copy of heavyball" : network;
    throw new InvalidOptionError("network", seen, "a network made by runtime.network()");
  }
  const own = network.self();
  own.use();
  return own;
}

/** Throws InvalidOptionError for anything but an optimizer of the network, DisposedError for one that is gone. */
export function checkOptimizerOf(network: Network, optimizer: unknown): Optimizer {
  const allowed = "an optimizer made by runtime.optimizer() for this network";
  const { step, getState, network: trained } = (optimizer ?? {}) as { step?: unknown; getState?: unknown; network?: unknown };
  if (typeof step !== "function" || typeof getState !== "function") throw new InvalidOptionError("optimizer", optimizer, allowed);
  // Every optimizer holds its network under this name, to itself.
  if (!(trained instanceof Network) || trained.self() !== network)
    throw new InvalidOptionError("optimizer", "an optimizer of another network", allowed);
  return optimizer as Optimizer;
}

/** Whether one update is worth being left in the middle, and so many cases. */
export function isLong(optimizer: Optimizer): optimizer is Advancing {
  return typeof (optimizer as Partial<Advancing>).advance === "function";
}

/** One update, in slices where it is long. */
export function* updating(optimizer: Optimizer, batch: Batch): Generator<unknown, StepResult, void> {
  return isLong(optimizer) ? yield* optimizer.advance(batch) : optimizer.step(batch);
}
