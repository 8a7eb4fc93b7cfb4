import { FormatError } from "../errors.js";
import { sha256Hex } from "../formats/digest.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../formats/safetensors.js";
import type { TaskNetwork } from "../tasks/task.js";
import type { Checkpoint } from "./checkpoint.js";
import type { BestParameters } from "./checkpointState.js";
import { measureOf, type Report } from "./report.js";
import type { OpenStore } from "./store.js";

export const bestModelName = "best.safetensors";

/**
 * Keeps the network of a run's lowest watched error so far as best.safetensors: without clipping, one unlucky minibatch can undo at high
 * momentum what took hours to learn. It is written before the checkpoint that has the same parameters in it, from which it is written again
 * where it is missing or damaged.
 *
 * Its metadata has, beside what `saveModel` writes, the SHA-256 of its tensors: numbers in which a bit has changed are numbers still.
 */
export class BestModel {
  private lowest = Infinity;
  private parameters: BestParameters | undefined;
  private isWritten = true;
  private lost = false;

  constructor(
    private readonly store: OpenStore,
    /** The measure that is watched. */
    private readonly key: string,
    private readonly network: TaskNetwork,
  ) {}

  /** Goes on from a checkpoint: the content is then the one that belongs to it. Returns a sentence if it was not whole. */
  async goOn({ reports, best }: Checkpoint): Promise<string | undefined> {
    for (const report of reports) this.lowest = Math.min(this.lowest, measureOf(report, this.key) ?? Infinity);
    if (this.lowest === Infinity) return undefined;
    const path = `${this.store.place}/${bestModelName}`;
    const found = await readWhole(await this.store.read(bestModelName), path, this.network);
    const trouble = typeof found === "string" ? `${path} is ${found}` : undefined;
    if (best === undefined) {
      // Checkpoints of before have only the reports.
      this.lost = trouble !== undefined;
      const remedy = "and the checkpoint does not hold it: the file comes with the next error that is lower than all before";
      return trouble && `${trouble}, ${remedy}`;
    }
    this.parameters = best;
    // One that is whole and of another update was written after the checkpoint, or is that of a checkpoint that was lost.
    this.isWritten = typeof found !== "string" && isSame(found, await bytesOf(this.network, best.parameters));
    await this.write();
    return trouble && `${trouble}; it is written again from the checkpoint`;
  }

  /** Looks at a report while the network is that of it. */
  see(report: Report): void {
    const error = measureOf(report, this.key) ?? Infinity;
    if (!(error < this.lowest)) return;
    this.lowest = error;
    this.parameters = { update: report.update, parameters: this.network.getParameters() };
    this.isWritten = false;
  }

  /** Writes what is new. */
  async write(): Promise<void> {
    if (this.isWritten || this.parameters === undefined) return;
    await this.store.write(bestModelName, await bytesOf(this.network, this.parameters.parameters));
    this.isWritten = true;
    this.lost = false;
  }

  /** For the checkpoint. */
  get state(): BestParameters | undefined {
    return this.parameters;
  }

  /** Whether the parameters of the lowest error are gone for good. */
  get isLost(): boolean {
    return this.lost;
  }
}

/** The content: what `saveModel` writes, and the SHA-256. */
async function bytesOf({ layout, description }: TaskNetwork, parameters: Float32Array, hasChecksum = true): Promise<Uint8Array> {
  const tensors = layout.map(({ name, shape, offset }) => ({ name, shape, data: parameters.subarray(offset, offset + sizeOf(shape)) }));
  const metadata = { heavyball: JSON.stringify(description), ...(hasChecksum ? { sha256: await checksum(tensors) } : {}) };
  return writeSafetensors({ metadata, tensors });
}

/** SHA-256 of the numbers of all tensors, one after another. */
async function checksum(tensors: readonly Tensor[]): Promise<string> {
  const bytes = new Uint8Array(tensors.reduce((sum, { data }) => sum + data.byteLength, 0));
  let at = 0;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return sha256Hex(bytes);
}

/** The bytes of a content that is whole: of one that its own content makes again. */
async function readWhole(bytes: Uint8Array | undefined, path: string, network: TaskNetwork): Promise<Uint8Array | "missing" | "damaged"> {
  if (bytes === undefined) return "missing";
  try {
    const { metadata, tensors } = readSafetensors(bytes, path);
    const parameters = new Float32Array(network.parameterCount);
    for (const { name, shape, offset } of network.layout) {
      const tensor = tensors.find((candidate) => candidate.name === name);
      if (tensor === undefined || tensor.data.length !== sizeOf(shape)) return "damaged";
      parameters.set(tensor.data, offset);
    }
    // Files of before have no checksum.
    return isSame(bytes, await bytesOf(network, parameters, metadata.sha256 !== undefined)) ? bytes : "damaged";
  } catch (error) {
    if (error instanceof FormatError) return "damaged";
    throw error;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
