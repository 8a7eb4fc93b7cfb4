import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { FormatError } from "../errors.js";
import { readSafetensors, type Tensor, writeSafetensors } from "../formats/safetensors.js";
import type { Checkpoint } from "../trials/checkpoint.js";
import type { BestParameters } from "../trials/checkpointState.js";
import type { Measures, TrialNetwork } from "../trials/preparedTask.js";
import type { Report } from "../trials/trial.js";
import type { RunDirectory } from "./runDirectory.js";

const file = "best.safetensors";

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
    private readonly directory: RunDirectory,
    private readonly key: keyof Measures,
    private readonly network: TrialNetwork,
  ) {}

  /** Goes on from a checkpoint: the file is then the one that belongs to it. Returns a sentence if it was not whole. */
  async goOn({ reports, best }: Checkpoint): Promise<string | undefined> {
    for (const { [this.key]: error = Infinity } of reports) this.lowest = Math.min(this.lowest, error);
    if (this.lowest === Infinity) return undefined;
    const path = this.directory.file(file);
    const found = await readWhole(path, this.network);
    const trouble = typeof found === "string" ? `${path} is ${found}` : undefined;
    if (best === undefined) {
      // Checkpoints of before have only the reports.
      this.lost = trouble !== undefined;
      return trouble && `${trouble}, and the checkpoint does not hold it: the file comes with the next error that is lower than all before`;
    }
    this.parameters = best;
    // One that is whole and of another update was written after the checkpoint, or is that of a checkpoint that was lost.
    this.isWritten = typeof found !== "string" && Buffer.from(found).equals(bytesOf(this.network, best.parameters));
    await this.write();
    return trouble && `${trouble}; it is written again from the checkpoint`;
  }

  /** Looks at a report while the network is that of it. */
  see({ [this.key]: error = Infinity, update }: Report): void {
    if (!(error < this.lowest)) return;
    this.lowest = error;
    this.parameters = { update, parameters: this.network.getParameters() };
    this.isWritten = false;
  }

  /** Writes what is new. */
  async write(): Promise<void> {
    if (this.isWritten || this.parameters === undefined) return;
    await this.directory.write(file, bytesOf(this.network, this.parameters.parameters));
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

/** The file: what `saveModel` writes, and the SHA-256. */
function bytesOf({ layout, description }: TrialNetwork, parameters: Float32Array, hasChecksum = true): Uint8Array {
  const tensors = layout.map(({ name, shape, offset }) => ({ name, shape, data: parameters.subarray(offset, offset + sizeOf(shape)) }));
  const metadata = { heavyball: JSON.stringify(description), ...(hasChecksum ? { sha256: checksum(tensors) } : {}) };
  return writeSafetensors({ metadata, tensors });
}

function checksum(tensors: readonly Tensor[]): string {
  const hash = createHash("sha256");
  for (const { data } of tensors) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest("hex");
}

/** The bytes of a file that is whole: of one that its own content makes again. */
async function readWhole(path: string, network: TrialNetwork): Promise<Uint8Array | "missing" | "damaged"> {
  if (!existsSync(path)) return "missing";
  const bytes = await readFile(path);
  try {
    const { metadata, tensors } = readSafetensors(bytes, path);
    const parameters = new Float32Array(network.parameterCount);
    for (const { name, shape, offset } of network.layout) {
      const tensor = tensors.find((candidate) => candidate.name === name);
      if (tensor === undefined || tensor.data.length !== sizeOf(shape)) return "damaged";
      parameters.set(tensor.data, offset);
    }
    // Files of before have no checksum.
    return bytes.equals(bytesOf(network, parameters, metadata.sha256 !== undefined)) ? bytes : "damaged";
  } catch (error) {
    if (error instanceof FormatError) return "damaged";
    throw error;
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
