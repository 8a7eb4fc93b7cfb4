import { InvalidOptionError } from "../errors.js";
import { Engine, type EngineParts } from "../runtime/engine.js";
import { Network } from "./network.js";
import { isNetworkLike } from "./networkLike.js";

/** An engine that networks are made on: what the runtimes of the entry points have in common. */
export class NetworkEngine extends Engine {
  /**
   * @internal The runtime itself, also where it is called on a proxy of it, such as Vue's reactive() makes: `this` is then the proxy, and a
   * function's result is not wrapped.
   */
  readonly self: () => this;

  /** @internal Use `createRuntime`. */
  constructor(parts: EngineParts) {
    super(parts);
    this.self = () => this;
  }

  /** @internal The network itself, if it is one of this runtime's. Throws InvalidOptionError. */
  checkOwn(network: unknown): Network {
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
