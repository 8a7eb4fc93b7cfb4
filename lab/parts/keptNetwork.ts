import { type AwayNetwork, createRuntime, type FeedForwardNetwork, loadModel, type RecurrentNetwork, type Runtime } from "heavyball";
import type { Lane } from "./lane.js";

let runtime: Promise<Runtime> | undefined;

/** A network as the page asks one, whether it trains in a Worker or was left in the store. */
type AnyNetwork = FeedForwardNetwork | RecurrentNetwork | AwayNetwork;

/**
 * Asks the network of a lane something: the one that trains or, where none does, the model that the run has left; undefined where there is
 * neither.
 */
export async function askNetwork<Answer>(lane: Lane, ask: (network: AnyNetwork) => Promise<Answer>): Promise<Answer | undefined> {
  if (lane.network !== undefined) return ask(lane.network);
  const bytes = await lane.store.read("model.safetensors");
  if (bytes === undefined) return undefined;
  runtime ??= createRuntime({ kernels: "simd" });
  const network = (await loadModel(await runtime, bytes)) as FeedForwardNetwork | RecurrentNetwork;
  try {
    return await ask(network);
  } finally {
    network.dispose();
  }
}
