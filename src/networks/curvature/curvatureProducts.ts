import { Arena } from "../../runtime/memory.js";
import type { Batch } from "../batch.js";
import type { NetworkInterior } from "../networkInterior.js";
import { checkAnswer } from "../status.js";
import { Curvature, refuseRecurrent } from "./curvature.js";

/**
 * `network.gaussNewtonProduct`: chunk by chunk through the network's own workspace, so that a whole data set takes no more memory than one
 * chunk.
 */
export function gaussNewtonProduct(network: NetworkInterior, vector: Float32Array, batch: Batch): Float32Array<ArrayBuffer> {
  network.use();
  network.parameters.check("vector", vector);
  return meanOverChunks(network, batch, "the curvature product", (arena) => {
    const direction = network.allocateBlock(arena, "a curvature direction");
    network.parameters.write(network.engine.memory.f32, direction >>> 2, vector);
    return (curvature, sums) => curvature.product(direction, sums);
  });
}

/** `network.squaredGradient`, in the same way. */
export function squaredGradient(network: NetworkInterior, batch: Batch): Float32Array<ArrayBuffer> {
  network.use();
  refuseRecurrent(network);
  return meanOverChunks(network, batch, "the squared gradient", () => (curvature, sums) => curvature.squares(sums));
}

/** Mean over cases of what `addTo` adds to a block of sums, chunk after chunk, in the public order. */
function meanOverChunks(
  network: NetworkInterior,
  batch: Batch,
  what: string,
  begin: (arena: Arena) => (curvature: Curvature, sums: number) => void,
): Float32Array<ArrayBuffer> {
  network.check(batch, "needed");
  const { memory } = network.engine;
  const arena = new Arena(memory);
  const curvature = new Curvature(network);
  try {
    const sums = network.allocateBlock(arena, what);
    const addTo = begin(arena);
    network.forEachChunk(batch, { curvature: true }, (chunk) => {
      curvature.adopt(batch, [chunk], chunk.cases, !chunk.isFirst);
      curvature.linearize();
      addTo(curvature, sums);
    });
    const mean = network.readBlock(sums);
    for (let i = 0; i < mean.length; i++) mean[i] = mean[i] / batch.cases;
    return checkAnswer(what, mean);
  } finally {
    curvature.release();
    arena.release();
  }
}
