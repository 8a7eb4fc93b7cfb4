import { readFile } from "node:fs/promises";
import { FormatError, HeavyballError, InvalidOptionError } from "../errors.js";
import {
  checkLoadModelOptions,
  checkNetworkMaker,
  type LoadModelOptions,
  loadModel,
  type NetworkMaker,
  saveModel,
} from "../networks/model.js";
import type { Network } from "../networks/network.js";
import { StoreError } from "../trials/store.js";
import { writeWholeFile } from "./wholeFile.js";

/**
 * Writes `saveModel(network)` to a file: under a temporary name that no other writer shares, flushed, then renamed, so that the file is
 * either the old one or whole; of several saves to one path at once the file is one of theirs. What fails leaves the file as it was and
 * nothing beside it.
 *
 * @throws InvalidOptionError for what is not a network or a path, whatever `saveModel` throws, and the system's error (with its `code`)
 *   where the file cannot be written
 */
export async function saveModelFile(network: Network, path: string): Promise<void> {
  checkPath(path);
  try {
    await writeWholeFile(path, saveModel(network));
  } catch (error) {
    // Here the path is the option.
    if (!(error instanceof StoreError)) throw error;
    throw new InvalidOptionError("path", path, `that of a file, or of one that does not exist yet: ${error.message}`);
  }
}

/**
 * Makes the network of a file that `saveModelFile` wrote, or of one that others wrote, as `loadModel` does. Every message names the path.
 *
 * @throws InvalidOptionError for wrong options, FormatError (its `file` is the path) for other files, whatever `runtime.network` throws,
 *   and the system's error (with its `code`) where the file cannot be read
 */
export async function loadModelFile<N extends Network>(runtime: NetworkMaker<N>, path: string, options: LoadModelOptions = {}): Promise<N> {
  checkNetworkMaker(runtime);
  checkPath(path);
  checkLoadModelOptions(options);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw naming(path, error);
  }
  try {
    return loadModel(runtime, bytes, options);
  } catch (error) {
    if (error instanceof FormatError) throw new FormatError(path, error.offset, error.expected);
    throw error instanceof HeavyballError ? naming(path, error) : error;
  }
}

function checkPath(path: unknown): asserts path is string {
  if (typeof path !== "string" || path === "" || path.includes("\0"))
    throw new InvalidOptionError("path", path, "the path of a file, as text");
}

/** The same error, the path in its message. */
function naming(path: string, error: unknown): unknown {
  if (error instanceof Error && !error.message.includes(path)) error.message = `${path}: ${error.message}`;
  return error;
}
