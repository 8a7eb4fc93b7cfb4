import { HeavyballError } from "../errors.js";

/**
 * Why a queue cannot be used: its packages are not installed, its server does not answer or does not let one in, its server is none that
 * can keep a queue, or what this worker would compute is not what any sweep there wants.
 */
export type QueueTrouble = "missing" | "unreachable" | "unsuitable" | "refused";

/** A queue that cannot be used as it is. */
export class QueueError extends HeavyballError {
  override readonly name: string = "QueueError";
  readonly trouble: QueueTrouble;
  constructor(trouble: QueueTrouble, message: string) {
    super("QUEUE", message);
    this.trouble = trouble;
  }
}
