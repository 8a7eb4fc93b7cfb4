import type { Engine } from "../runtime/engine.js";
import type { Arena } from "../runtime/memory.js";
import type { Batch } from "./batch.js";
import type { Chunk, Forward, Purpose } from "./chunk.js";
import type { NetworkDescription } from "./describe.js";
import type { ParameterLayout } from "./parameterLayout.js";

/** Codes of the programs that carry one family's cases (abi/programs.ts). */
export interface Programs {
  readonly rows: number;
  readonly update: number;
}

/** What passes over batches and curvature products see of the network that they are part of. */
export interface NetworkInterior {
  readonly description: NetworkDescription;
  readonly engine: Engine;
  readonly parameters: ParameterLayout;
  readonly programs: Programs;
  /** theta's block: to be read, and written by nobody but the network. */
  readonly parametersBlock: number;
  /** Bytes of a block, padding included. */
  readonly blockBytes: number;
  /** Rises whenever theta may have changed. */
  readonly version: number;
  /** Throws DisposedError after `dispose()`. */
  use(): void;
  /** Checks the shape of a batch, called `option` ("batch" unless given); throws ShapeError, InvalidOptionError. */
  check(batch: Batch, targets: "needed" | "unused", option?: string): void;
  /** Stages a batch chunk by chunk; how it is cut depends on the shapes and the purpose only. */
  forEachChunk(batch: Batch, purpose: Purpose, run: (chunk: Chunk) => void): void;
  /** How a batch is carried forward, to the goal named (abi/arguments.ts). */
  forward(batch: Batch, goal: number): Forward;
  /** Rows that the gradient of a batch sums over: cases, or cases and steps. */
  gradientRows(batch: Batch): number;
  /** Bytes of the workspaces that hold a whole batch for curvature products. */
  curvatureBytes(batch: Batch): number;
  /** Makes theta + mu v the point that the kernels read. */
  pack(velocity: number, mu: number): void;
  /** A zeroed block in the order of the parameters. */
  allocateBlock(arena: Arena, what: string): number;
  /** A block in the public order. */
  readBlock(block: number): Float32Array<ArrayBuffer>;
}
