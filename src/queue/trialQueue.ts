import type { Queue } from "bullmq";
import type { ExecutorSweep } from "../sweeps/executor.js";
import type { Limiter } from "../sweeps/limiter.js";
import type { Tries } from "./fullServer.js";
import type { Interest } from "./interest.js";
import type { JobWatch } from "./jobWatch.js";
import type { Server } from "./server.js";
import type { Shelf } from "./shelf.js";
import type { Wants } from "./wants.js";

/** A queue of trials with the same wants, and what there is beside it. */
export interface TrialQueue {
  readonly name: string;
  readonly wants: Wants;
  readonly queue: Queue;
  readonly shelf: Shelf;
  readonly interest: Interest;
}

/** What the trials of one sweep have in common on their way through its server. */
export interface QueuedSweep {
  /** Tells it from other sweeps. */
  readonly id: string;
  readonly server: Server;
  readonly sweep: ExecutorSweep;
  readonly watch: JobWatch;
  /** Tells what workers have to say, now and not in its turn. */
  hear(): Promise<void>;
  readonly attempts: number;
  readonly tries: Tries;
  /** Room for trials whose contents are on their way into the store. */
  readonly fetching: Limiter;
}
