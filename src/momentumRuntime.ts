import { InvalidOptionError, UnsupportedError } from "./errors.js";
import { checkNetworkDescription, type NetworkDescription } from "./networks/describe.js";
import { FeedForwardNetwork } from "./networks/feedForward/feedForwardNetwork.js";
import type { Network } from "./networks/network.js";
import { NetworkEngine } from "./networks/networkEngine.js";
import type { MomentumDescription } from "./optimizers/momentum/momentumDescriptions.js";
import { classicalMomentumMethod, nesterovMethod, sgdMethod } from "./optimizers/momentum/momentumMethods.js";
import type { MomentumOptimizer } from "./optimizers/momentum/momentumOptimizer.js";
import type { OptimizerOptions } from "./optimizers/optimizer.js";
import { loadEngine, type RuntimeOptions } from "./runtime/loadEngine.js";
import { checkObject } from "./validate.js";

const methods = { sgd: sgdMethod, classicalMomentum: classicalMomentumMethod, nesterov: nesterovMethod } as const;
const methodNames = Object.keys(methods) as readonly (keyof typeof methods)[];
const METHODS = `one of ${methodNames.map((name) => JSON.stringify(name)).join(", ")}; createRuntime of "heavyball" has all methods`;

/** A loaded WebAssembly module, its memory and its team of threads, for feed-forward networks and momentum. */
export class MomentumRuntime extends NetworkEngine {
  /**
   * Makes a feed-forward network of the described shape, its parameters all 0 until `initialize` or `setParameters`.
   *
   * @throws InvalidOptionError, OutOfMemoryError, DisposedError; UnsupportedError for a recurrent network
   */
  network(description: NetworkDescription): FeedForwardNetwork {
    this.use();
    const checked = checkNetworkDescription(description);
    if (checked.kind === "feedForward") return new FeedForwardNetwork(this.self(), checked);
    throw new UnsupportedError('heavyball/momentum has no recurrent networks; createRuntime of "heavyball" has them');
  }

  /**
   * Makes an optimizer for a network of this runtime, its velocity 0.
   *
   * @throws InvalidOptionError, OutOfMemoryError, DisposedError
   */
  optimizer(network: Network, description: MomentumDescription, options?: OptimizerOptions): MomentumOptimizer {
    this.use();
    const own = this.checkOwn(network);
    const given = checkObject("optimizer", description);
    const method = methodNames.find((name) => name === given.method);
    if (method === undefined) throw new InvalidOptionError("optimizer.method", given.method, METHODS);
    const { check, network: onNetworks } = methods[method];
    const checked = check(given);
    onNetworks.checkSinglePrecision(checked);
    return onNetworks.create(own, checked, options);
  }
}

/**
 * Loads the module and starts the team, for feed-forward networks and momentum. Where helper threads cannot be started and none were asked
 * for, one thread does the work, and `runtime.threadsReason` says why and what to do for more.
 *
 * @throws InvalidOptionError for options it cannot have, UnsupportedError where the engine cannot do what was asked for, threads included,
 * OutOfMemoryError
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<MomentumRuntime> {
  return new MomentumRuntime(await loadEngine(options));
}
