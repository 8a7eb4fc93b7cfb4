import { InvalidOptionError } from "../errors.js";
import { checkObject, checkOneOf } from "../validate.js";
import { adamMethod } from "./adam/adamMethod.js";
import { hessianFreeMethod } from "./hessianFree/hessianFreeMethod.js";
import type { Method, NetworkMethod } from "./method.js";
import { classicalMomentumMethod, nesterovMethod, sgdMethod } from "./momentum/momentumMethods.js";
import { nesterov1983Method } from "./nesterov1983/nesterov1983Method.js";

/** Every optimization method, in the order in which they are listed. */
export const methods = {
  sgd: sgdMethod,
  classicalMomentum: classicalMomentumMethod,
  nesterov: nesterovMethod,
  nesterov1983: nesterov1983Method,
  hessianFree: hessianFreeMethod,
  adam: adamMethod,
} as const;

type Methods = typeof methods;
type DescriptionOf<M extends MethodName> = ReturnType<Methods[M]["check"]>;
/** The methods that run on networks. */
type OnNetworks = Extract<Methods[MethodName], { readonly network: object }>;
type OnMinibatches = Extract<OnNetworks, { readonly network: { readonly batching: "minibatches" } }>;

/** The name of a method, as it stands in `method` of a description. */
export type MethodName = keyof Methods;

/** A description of any method. */
export type OptimizerDescription = { [M in MethodName]: DescriptionOf<M> }[MethodName];

/** A description of a method whose every update on a network is made from one minibatch. */
export type MinibatchDescription = ReturnType<OnMinibatches["check"]>;

/** The optimizer that a runtime makes for a network from a description `D`. */
export type OptimizerFor<D extends OptimizerDescription> = ReturnType<
  // Of a description of which nothing is known it may be any.
  Extract<OnNetworks, { readonly name: [D] extends [never] ? MethodName : D["method"] }>["network"]["create"]
>;

/** The saved state of any optimizer on a network. */
export type OptimizerState = ReturnType<OptimizerFor<OptimizerDescription>["getState"]>;

export const methodNames = Object.keys(methods) as readonly MethodName[];

export const networkMethodNames = methodNames.filter((name) => "network" in methods[name]) as readonly OnNetworks["name"][];

/** The method of a description, as one that takes any description: each is only ever given its own. */
export function methodOf(description: { readonly method: MethodName }): Method<OptimizerDescription> {
  return methods[description.method] as unknown as Method<OptimizerDescription>;
}

/** All methods, as ones that take any description. */
export const allMethods = Object.values(methods) as unknown as readonly Method<OptimizerDescription>[];

/** The method of this name, or undefined: names come from people too. */
export function methodNamed(name: unknown): Method<OptimizerDescription> | undefined {
  return allMethods.find((method) => method.name === name);
}

/**
 * What the method of a description needs to train networks.
 *
 * @throws InvalidOptionError for one that does not run on them
 */
export function networkMethodOf(description: { readonly method: MethodName }): NetworkMethod<OptimizerDescription> {
  const { network } = methodOf(description);
  if (network !== undefined) return network;
  const names = networkMethodNames.map((name) => JSON.stringify(name)).join(", ");
  const allowed = `one of ${names} on a network: ${description.method} needs exact gradients and runs in minimize()`;
  throw new InvalidOptionError("optimizer.method", description.method, allowed);
}

/**
 * Validates a description that was not made by a builder (read from a file, typed by hand) and fills in its defaults.
 *
 * @throws InvalidOptionError naming the option, its value and what is allowed
 */
export function checkOptimizer(option: string, description: unknown): OptimizerDescription {
  const given = checkObject(option, description);
  return methods[checkOneOf(`${option}.method`, given.method, methodNames)].check(given);
}
