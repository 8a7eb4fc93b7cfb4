import { DivergedError, FormatError, InvalidOptionError } from "../errors.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import { elementPlace, readSafetensors, writeSafetensors } from "../formats/safetensors.js";
import { checkKnownOptions, checkObject } from "../validate.js";
import { checkNetworkDescription, type NetworkDescription } from "./describe.js";
import { checkTensorNames, gatherParameters, type TensorSource } from "./modelTensors.js";
import type { Network } from "./network.js";
import { isNetworkLike, type NetworkLike } from "./networkLike.js";

/** What makes networks: a runtime. */
export interface NetworkMaker<N extends Network> {
  /** A network of the described shape. */
  network(description: NetworkDescription): N;
}

/**
 * Description and parameters in one safetensors file: the tensors of `network.layout`, the description as JSON under the metadata key
 * "heavyball".
 *
 * @throws InvalidOptionError for what is no network, DivergedError for parameters that are not finite, which no network could load again
 */
export function saveModel(network: NetworkLike): Uint8Array<ArrayBuffer> {
  if (!isNetworkLike(network)) throw new InvalidOptionError("network", network, "a network");
  const parameters = network.getParameters();
  refuseNonFinite(network, parameters);
  const tensors = network.layout.map(({ name, shape, offset }) => ({
    name,
    shape,
    data: parameters.subarray(offset, offset + shape.reduce((a, b) => a * b, 1)),
  }));
  return writeSafetensors({ metadata: { heavyball: JSON.stringify(network.description) }, tensors });
}

/** Throws DivergedError, naming the first parameter that is not finite. */
export function refuseNonFinite({ layout }: NetworkLike, parameters: Float32Array): void {
  const bad = parameters.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const tensor = layout.findLast(({ offset }) => offset <= bad);
  const remedy = "there is no model to save: load the last one that was saved, or initialize again and lower the learning rate";
  throw new DivergedError(undefined, undefined, `parameters[${bad}], in ${tensor?.name}`, remedy);
}

/** Throws InvalidOptionError for what makes no networks. */
export function checkNetworkMaker(runtime: unknown): void {
  if (typeof (runtime as Partial<NetworkMaker<Network>> | null | undefined)?.network !== "function")
    throw new InvalidOptionError("runtime", runtime, "a runtime");
}

/** How models that others wrote are loaded. */
export interface LoadModelOptions {
  /** The network whose parameters the file holds. Default: what the file says, where `saveModel` wrote it. */
  readonly description?: NetworkDescription;
  /**
   * What tensors of `network.layout` are called in the file, and whether they stand transposed there (outputs x inputs, as PyTorch keeps
   * weights): `{ "layer1.weights": { name: "0.weight", transposed: true }, "layer1.biases": "0.bias" }`. Default: as in the layout.
   */
  readonly names?: Readonly<Record<string, string | TensorSource>>;
  /** Whether the file may hold more than the network takes. Default false: tensors that nothing takes are an error that names them. */
  readonly extra?: boolean;
}

/**
 * Makes the network that `saveModel` wrote, or, with `description` and `names`, one whose parameters others wrote as safetensors, in F32,
 * F64 (rounded to F32), F16 or BF16. The file is looked at as a whole before the network takes memory.
 *
 *     loadModel(runtime, bytes);
 *     loadModel(runtime, bytes, { description: feedForward({ sizes: [784, 400, 10] }), names: { "layer1.biases": "fc1.bias", ... } });
 *
 * @throws InvalidOptionError for wrong options, FormatError for bytes that are not such a file or hold numbers that are not finite in F32,
 *   and whatever `runtime.network` throws
 */
export function loadModel<N extends Network>(runtime: NetworkMaker<N>, bytes: Uint8Array, options: LoadModelOptions = {}): N {
  checkNetworkMaker(runtime);
  const { description: given, names, extra } = checkLoadModelOptions(options);
  const { metadata, tensors } = readSafetensors(bytes, "model", { otherTypes: extra });
  const description = given ?? readDescription(metadata.heavyball);
  const parameters = gatherParameters(description, tensors, { names, extra, placeOf: (name, at) => elementPlace(bytes, name, at) });
  const network = runtime.network(description);
  try {
    network.setParameters(parameters);
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** Throws InvalidOptionError; names are held against the layout when it is known. */
export function checkLoadModelOptions(options: LoadModelOptions): LoadModelOptions {
  const given = checkObject("options of loadModel", options);
  checkKnownOptions("loadModel", given, ["description", "names", "extra"]);
  const { description, names, extra = false } = given as LoadModelOptions;
  if (typeof extra !== "boolean") throw new InvalidOptionError("extra", extra, "true or false");
  const checked = description === undefined ? undefined : checkNetworkDescription(description);
  if (names !== undefined) checkTensorNames(names, checked);
  return { description: checked, names, extra };
}

function readDescription(text: string | undefined): NetworkDescription {
  if (text === undefined)
    throw new FormatError("model", 8, 'the metadata key "heavyball": this file was not written by saveModel, so say { description }');
  let parsed: unknown;
  try {
    parsed = parseBoundedJson(text);
  } catch {
    throw new FormatError("model", 8, 'JSON under the metadata key "heavyball"');
  }
  try {
    return checkNetworkDescription(parsed);
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    throw new FormatError(
      "model",
      8,
      `the description of a network under the metadata key "heavyball", found one that is wrong: ${error.message}`,
    );
  }
}
