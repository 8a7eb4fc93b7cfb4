import { FormatError, InvalidOptionError } from "../errors.js";
import { readSafetensors, writeSafetensors } from "../formats/safetensors.js";
import { type NetworkDescription, checkNetworkDescription } from "./describe.js";
import { Network } from "./network.js";

/** What makes networks: a runtime. */
interface NetworkMaker<N extends Network> {
  network(description: NetworkDescription): N;
}

/** Description and parameters in one safetensors file: the tensors of `network.layout`, the description as JSON under the metadata key "heavyball". */
export function saveModel(network: Network): Uint8Array {
  if (!(network instanceof Network)) throw new InvalidOptionError("network", network, "a network");
  const parameters = network.getParameters();
  const tensors = network.layout.map(({ name, shape, offset }) => ({ name, shape, data: parameters.subarray(offset, offset + shape.reduce((a, b) => a * b, 1)) }));
  return writeSafetensors({ metadata: { heavyball: JSON.stringify(network.description) }, tensors });
}

/** Makes the network that `saveModel` wrote. Throws FormatError for bytes that are not such a file, and whatever `runtime.network` throws. */
export function loadModel<N extends Network>(runtime: NetworkMaker<N>, bytes: Uint8Array): N {
  if (typeof (runtime as Partial<NetworkMaker<N>> | null | undefined)?.network !== "function") throw new InvalidOptionError("runtime", runtime, "a runtime");
  const { metadata, tensors } = readSafetensors(bytes, "model");
  const network = runtime.network(readDescription(metadata.heavyball));
  try {
    const parameters = new Float32Array(network.parameterCount);
    for (const { name, shape, offset } of network.layout) {
      const tensor = tensors.find((candidate) => candidate.name === name);
      if (!tensor) throw new FormatError("model", 8, `a tensor named ${JSON.stringify(name)}`);
      if (tensor.shape.join() !== shape.join()) throw new FormatError("model", 8, `tensor ${JSON.stringify(name)} of shape ${shape.join(" x ")}, not ${tensor.shape.join(" x ")}`);
      parameters.set(tensor.data, offset);
    }
    network.setParameters(parameters);
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

function readDescription(text: string | undefined): NetworkDescription {
  if (text === undefined) throw new FormatError("model", 8, 'the metadata key "heavyball": this file was not written by saveModel');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new FormatError("model", 8, 'JSON under the metadata key "heavyball"');
  }
  return checkNetworkDescription(parsed);
}
