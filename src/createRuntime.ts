import {
  checkNetworkDescription,
  type FeedForwardDescription,
  type NetworkDescription,
  type RecurrentDescription,
} from "./networks/describe.js";
import { FeedForwardNetwork } from "./networks/feedForward/feedForwardNetwork.js";
import { estimateMemory, type MemoryEstimate, type MemoryUse } from "./networks/memoryEstimate.js";
import type { Network } from "./networks/network.js";
import { NetworkEngine } from "./networks/networkEngine.js";
import { RecurrentNetwork } from "./networks/recurrent/recurrentNetwork.js";
import { checkOptimizer, methods, networkMethodOf, type OptimizerDescription, type OptimizerFor } from "./optimizers/index.js";
import type { OptimizerOptions } from "./optimizers/optimizer.js";
import { loadEngine, type RuntimeOptions } from "./runtime/loadEngine.js";

/**
 * One loaded WebAssembly module, its memory and its team of threads; it makes networks and optimizers from their descriptions. Everything
 * it made is gone after `dispose()`.
 */
export class Runtime extends NetworkEngine {
  /**
   * Makes a network of the described shape, its parameters all 0 until `initialize` or `setParameters`. Throws InvalidOptionError,
   * OutOfMemoryError, DisposedError.
   */
  network(description: FeedForwardDescription): FeedForwardNetwork;
  network(description: RecurrentDescription): RecurrentNetwork;
  network(description: NetworkDescription): FeedForwardNetwork | RecurrentNetwork;
  network(description: NetworkDescription): FeedForwardNetwork | RecurrentNetwork {
    this.use();
    const checked = checkNetworkDescription(description);
    return checked.kind === "recurrent" ? new RecurrentNetwork(this.self(), checked) : new FeedForwardNetwork(this.self(), checked);
  }

  /** What a network, its optimizers and its batches will take before any is made. Throws InvalidOptionError. */
  estimateMemory(description: NetworkDescription, use: MemoryUse): MemoryEstimate {
    const { nesterov, hessianFree } = methods;
    const vectors = { minibatches: nesterov.network.vectors, gradientAndCurvature: hessianFree.network.vectors };
    return estimateMemory(description, use, this.layout, vectors);
  }

  /**
   * Makes an optimizer for a network of this runtime, its velocity (for hessianFree, its last solution) 0. Throws InvalidOptionError,
   * OutOfMemoryError, DisposedError; UnsupportedError for a preconditioner on a recurrent network.
   */
  optimizer<D extends OptimizerDescription>(network: Network, description: D, options?: OptimizerOptions): OptimizerFor<D> {
    this.use();
    const own = this.checkOwn(network);
    const checked = checkOptimizer("optimizer", description);
    const method = networkMethodOf(checked);
    method.checkSinglePrecision(checked);
    // The method of a description makes the optimizer of that description.
    return method.create(own, checked, options) as OptimizerFor<D>;
  }
}

/**
 * Loads the module and starts the team. Where helper threads cannot be started and none were asked for, one thread does the work, and
 * `runtime.threadsReason` says why and what to do for more.
 *
 * @throws InvalidOptionError for options it cannot have, UnsupportedError where the engine cannot do what was asked for, threads included,
 * OutOfMemoryError
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  return new Runtime(await loadEngine(options));
}
