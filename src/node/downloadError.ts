import { HeavyballError } from "../errors.js";

/** A file that could not be fetched from an address; what has come of it is kept for the next time. */
export class DownloadError extends HeavyballError {
  override readonly name: string = "DownloadError";
  /** The status of the answer, e.g. 404; undefined where none came, it broke off or led elsewhere. */
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super("DOWNLOAD", message);
    this.status = status;
  }
}
