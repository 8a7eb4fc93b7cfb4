/** What becomes of a trial that a worker has taken. */
export interface WorkerEvent {
  /**
   * begun: from its start, or from a checkpoint; ended: finished or diverged, and handed in; failed: it threw; stopped: given back with a
   * checkpoint, since the worker ends or nobody wants the trial any more; lost: the server had given it to another worker meanwhile.
   */
  readonly state: "begun" | "ended" | "failed" | "stopped" | "lost";
  readonly key: string;
  /** A sentence for people. */
  readonly message: string;
}

/** What a worker has done: trials by what became of them. */
export interface WorkerSummary {
  readonly ended: number;
  readonly failed: number;
  readonly stopped: number;
  readonly lost: number;
}
