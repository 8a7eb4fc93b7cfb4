import { readFile } from "node:fs/promises";
import { loadModel, saveModel } from "../networks/model.js";
import type { Network } from "../networks/network.js";
import type { NetworkDescription } from "../networks/describe.js";
import { writeWholeFile } from "./wholeFile.js";

/** Writes `saveModel(network)` to a file: under a temporary name, flushed, then renamed, so that the file is either the old one or whole. */
export async function saveModelFile(network: Network, path: string): Promise<void> {
  await writeWholeFile(path, saveModel(network));
}

/** Makes the network of a file that `saveModelFile` wrote. Throws FormatError for other files. */
export async function loadModelFile<N extends Network>(runtime: { network(description: NetworkDescription): N }, path: string): Promise<N> {
  return loadModel(runtime, await readFile(path));
}
