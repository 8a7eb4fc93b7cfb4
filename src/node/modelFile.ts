import { open, readFile, rename, rm } from "node:fs/promises";
import { loadModel, saveModel } from "../networks/model.js";
import type { Network } from "../networks/network.js";
import type { NetworkDescription } from "../networks/describe.js";

/** Writes `saveModel(network)` to a file: under a temporary name, flushed, then renamed, so that the file is either the old one or whole. */
export async function saveModelFile(network: Network, path: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, "w");
  try {
    await file.writeFile(saveModel(network));
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await rename(temporary, path);
}

/** Makes the network of a file that `saveModelFile` wrote. Throws FormatError for other files. */
export async function loadModelFile<N extends Network>(runtime: { network(description: NetworkDescription): N }, path: string): Promise<N> {
  return loadModel(runtime, await readFile(path));
}
