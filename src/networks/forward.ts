import { UnsupportedError } from "../errors.js";
import type { KernelLayout } from "../runtime/kernels.js";
import type { Forward } from "./chunk.js";
import type { NetworkInterior } from "./networkInterior.js";
import type { Work } from "./work.js";

/** Weights times cases times steps of a part: some milliseconds on one thread. */
const PART_WORK = 2 ** 28;

/** Tiles of a part at least, so that a thread has whole ones. */
const LEAST_TILES = 8;

/**
 * Cases of a part, at most those of a chunk. A case has the same bits in whatever part it comes, so this shapes no result: only how long
 * the host waits.
 */
export function partCases(kernels: KernelLayout, workOfCase: number, chunk: number): number {
  const least = LEAST_TILES * kernels.tileRows;
  return Math.min(chunk, Math.max(1, Math.floor(PART_WORK / (workOfCase * least))) * least);
}

export interface Part {
  /** First case in the batch, and how many there are. */
  readonly first: number;
  readonly cases: number;
  /** First case and number of cases of the chunk it belongs to. */
  readonly chunkFirst: number;
  readonly chunkCases: number;
}

/**
 * The parts of a batch in order, between which whoever asks for them yields. At theta: throws UnsupportedError where the parameters were
 * changed at a yield, DisposedError where the network is gone.
 */
export function* overParts(network: NetworkInterior, forward: Forward, cases: number, run: (part: Part) => void): Work<void> {
  const { chunk, part } = forward;
  const { version } = network;
  const of = Math.floor(cases / chunk) * Math.ceil(chunk / part) + Math.ceil((cases % chunk) / part);
  let step = 0;
  for (let chunkFirst = 0; chunkFirst < cases; chunkFirst += chunk) {
    const chunkCases = Math.min(chunk, cases - chunkFirst);
    for (let done = 0; done < chunkCases; done += part, step++) {
      if (step > 0) {
        yield { step, of };
        resume(network, version);
      }
      run({ first: chunkFirst + done, cases: Math.min(part, chunkCases - done), chunkFirst, chunkCases });
    }
  }
}

/** After a yield. */
function resume(network: NetworkInterior, version: number): void {
  network.use();
  if (network.version === version) return;
  throw new UnsupportedError(
    "this pass over a batch cannot go on: the network's parameters were changed after it was begun, and what it has so far is theirs; " +
      "begin it again",
  );
}
