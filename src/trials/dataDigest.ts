import { CheckpointMismatchError } from "../errors.js";
import { sha256, sha256Hex } from "../formats/digest.js";
import { kindOf } from "../tasks/index.js";
import type { Checkpoint } from "./checkpoint.js";
import type { TrialSpec } from "./spec.js";

/** Bytes that are copied at a time: what a program gives may be shared memory, of which the engine computes no digest. */
const PIECE = 2 ** 24;

/**
 * SHA-256, in hexadecimal digits, of the data that a trial's task takes from outside, once checked: of the SHA-256 of every 16 MiB of each
 * of their arrays, one after another. Undefined for a task that makes its data itself.
 */
export async function dataDigest({ task }: Pick<TrialSpec, "task">, data: unknown): Promise<string | undefined> {
  const { files } = kindOf(task);
  if (files === undefined) return undefined;
  const digests: number[] = [];
  for (const { buffer, byteOffset, byteLength } of files.arrays(files.check(data))) {
    for (let at = 0; at < byteLength; at += PIECE) {
      const piece = new Uint8Array(buffer, byteOffset + at, Math.min(PIECE, byteLength - at)).slice();
      digests.push(...(await sha256(piece)));
    }
  }
  return sha256Hex(Uint8Array.from(digests));
}

/** A run goes on with the data it was begun with. Throws CheckpointMismatchError. */
export function checkSameData(saved: Checkpoint | undefined, digest: string | undefined): void {
  if (saved === undefined || saved.data === undefined || saved.data === digest) return;
  throw new CheckpointMismatchError("the SHA-256 of the data", saved.data, digest, "go on with the data it was begun with");
}
