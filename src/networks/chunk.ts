import type { WorkspacePool } from "./workspacePool.js";

/** One chunk of a batch, staged in a workspace. */
export interface Chunk {
  /** Address of the workspace's descriptor. */
  readonly network: number;
  readonly cases: number;
  /** Entries of losses and errors: one a case, or one a case and scored step. */
  readonly rows: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** What the gradient of a batch is staged for. */
export interface Purpose {
  /** Whether curvature products will follow the gradient. */
  readonly curvature?: boolean;
  /** Where every chunk gets a workspace of its own; without one, all pass through the network's. */
  readonly pool?: WorkspacePool;
}

/** How a batch is carried forward: in chunks, whose losses are summed on their own, and these in parts, between which work can be left. */
export interface Forward {
  /** Cases of a chunk; the last one may have fewer. */
  readonly chunk: number;
  /** Cases of a part; the last one of a chunk may have fewer. */
  readonly part: number;
  /** The time steps that have rows, in order; one step for a feed-forward network. Rows stand step by step, within a step case by case. */
  readonly steps: ArrayLike<number>;
  /** Copies cases [first, first + cases) of the batch into a workspace. */
  stage(first: number, cases: number): Staged;
}

/** A part that is ready to be carried forward. */
export interface Staged {
  /** Address of the workspace's descriptor. */
  readonly network: number;
  /** Address of each layer's row-major activations. */
  readonly layerRows: readonly number[];
}
