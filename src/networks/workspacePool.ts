/** The buffers that batches pass through and the descriptor that leads the kernels to them. */
export interface Workspace {
  /** Address of the descriptor. */
  readonly network: number;
  release(): void;
}

/** Workspaces kept from batch to batch, one for each chunk that is to stay in memory beside the others. */
export class WorkspacePool {
  private readonly kept: (Workspace | undefined)[] = [];

  /** Workspace `index`; made anew when what is there does not fit, which is freed first so that its memory can serve again. */
  at<W extends Workspace>(index: number, fits: (workspace: W) => boolean, make: () => W): W {
    // A pool serves one network, whose workspaces are all of one class.
    const present = this.kept[index] as W | undefined;
    if (present && fits(present)) return present;
    present?.release();
    this.kept[index] = undefined;
    const workspace = make();
    this.kept[index] = workspace;
    return workspace;
  }

  get isEmpty(): boolean {
    return this.kept.length === 0;
  }

  /** Frees all but the first `count`. */
  trim(count: number): void {
    for (const workspace of this.kept.splice(count)) workspace?.release();
  }
}
