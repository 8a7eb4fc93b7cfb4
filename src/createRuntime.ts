import { InvalidOptionError } from "./errors.js";
import {
  checkNetworkDescription,
  type FeedForwardDescription,
  type NetworkDescription,
  type RecurrentDescription,
} from "./networks/describe.js";
import { FeedForwardNetwork } from "./networks/feedForward/feedForwardNetwork.js";
import { estimateMemory, type MemoryEstimate, type MemoryUse } from "./networks/memoryEstimate.js";
import { Network } from "./networks/network.js";
import { isNetworkLike } from "./networks/networkLike.js";
import { RecurrentNetwork } from "./networks/recurrent/recurrentNetwork.js";
import { checkOptimizer, methods, networkMethodOf, type OptimizerDescription, type OptimizerFor } from "./optimizers/index.js";
import type { OptimizerOptions } from "./optimizers/optimizer.js";
import { Engine, type EngineParts } from "./runtime/engine.js";
import { loadEngine, type RuntimeOptions } from "./runtime/loadEngine.js";

/**
 * One loaded WebAssembly module, its memory and its team of threads; it makes networks and optimizers from their descriptions. Everything
 * it made is gone after `dispose()`.
 */
export class Runtime extends Engine {
  /**
   * @internal The runtime itself, also where it is called on a proxy of it, such as Vue's reactive() makes: `this` is then the proxy, and a
   * function's result is not wrapped.
   */
  readonly self: () => Runtime;

  /** @internal Use `createRuntime`. */
  constructor(parts: EngineParts) {
    super(parts);
    this.self = () => this;
  }

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

  /** The network itself, if it is one of this runtime's. */
  private checkOwn(network: unknown): Network {
    const allowed = "a network made by this runtime";
    // Networks of another copy of this module are no instances of its class, and their memory is not this runtime's.
    if (network instanceof Network) {
      const own = network.self();
      if (own.engine === this.self()) return own;
      throw new InvalidOptionError("network", "a network of another runtime", allowed);
    }
    if (!isNetworkLike(network)) throw new InvalidOptionError("network", network, allowed);
    const remedy = "two copies of the library are loaded; let the bundler or npm dedupe them, so that everything imports one";
    throw new InvalidOptionError("network", "a network of another copy of heavyball", `${allowed}: ${remedy}`);
  }
}

/**
 * Loads the module and starts the team.
 *
 * Throws InvalidOptionError for options it cannot have and UnsupportedError where the engine cannot do what was asked for;
 * asking for more threads than a place can have is not an error: `runtime.threads` and `runtime.threadsReason` say how many it got and why.
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  return new Runtime(await loadEngine(options));
}
