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

/** What a batch is staged for. */
export interface Purpose {
  /** How far its cases will be carried (`GOAL`). */
  readonly goal: number;
  /** Whether curvature products will follow the gradient. */
  readonly curvature?: boolean;
  /** Where every chunk gets a workspace of its own; without one, all pass through the network's. */
  readonly pool?: WorkspacePool;
}
