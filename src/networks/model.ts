import { allocate } from "../boundary/allocate.js";
import { DivergedError, describeValue, FormatError, InvalidOptionError } from "../errors.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../formats/safetensors.js";
import { checkNetworkDescription, type NetworkDescription } from "./describe.js";
import type { Network } from "./network.js";
import { isNetworkLike, type NetworkLike } from "./networkLike.js";
import { describeTensors } from "./parameterLayout.js";

/** What makes networks: a runtime. */
interface NetworkMaker<N extends Network> {
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

function refuseNonFinite({ layout }: NetworkLike, parameters: Float32Array): void {
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

/**
 * Makes the network that `saveModel` wrote; the file is looked at as a whole before the network takes memory.
 *
 * @throws FormatError for bytes that are not such a file, and whatever `runtime.network` throws
 */
export function loadModel<N extends Network>(runtime: NetworkMaker<N>, bytes: Uint8Array): N {
  checkNetworkMaker(runtime);
  const { metadata, tensors } = readSafetensors(bytes, "model");
  const description = readDescription(metadata.heavyball);
  const parameters = gather(description, tensors);
  const network = runtime.network(description);
  try {
    network.setParameters(parameters);
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** The parameters in the public order, out of tensors by name. */
function gather(description: NetworkDescription, tensors: readonly Tensor[]): Float32Array {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const parts = describeTensors(description).map(({ name, shape, offset }) => {
    const tensor = byName.get(name);
    if (!tensor) throw new FormatError("model", 8, `a tensor named ${JSON.stringify(name)}`);
    if (tensor.shape.join() !== shape.join()) {
      throw new FormatError("model", 8, `tensor ${JSON.stringify(name)} of shape ${shape.join(" x ")}, not ${sizesOf(tensor.shape)}`);
    }
    return { data: tensor.data, offset };
  });
  const parameters = allocate(
    Float32Array,
    parts.reduce((sum, { data }) => sum + data.length, 0),
    "the parameters of a model",
  );
  for (const { data, offset } of parts) parameters.set(data, offset);
  return parameters;
}

/** Sizes as "3 x 4", a few of them. */
function sizesOf(shape: readonly number[]): string {
  return shape.length <= 4 ? shape.join(" x ") : describeValue(shape);
}

function readDescription(text: string | undefined): NetworkDescription {
  if (text === undefined) throw new FormatError("model", 8, 'the metadata key "heavyball": this file was not written by saveModel');
  let parsed: unknown;
  try {
    parsed = parseBoundedJson(text);
  } catch {
    throw new FormatError("model", 8, 'JSON under the metadata key "heavyball"');
  }
  return checkNetworkDescription(parsed);
}
