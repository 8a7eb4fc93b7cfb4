import { isArray } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";
import { writeEvents } from "../formats/tensorBoard.js";
import { checkInteger, checkKnownOptions, checkNumber, checkObject, orDefault } from "../validate.js";
import type { Report } from "./report.js";

/** Options of `tensorBoardEvents`. */
export interface EventFileOptions {
  /** Seconds since 1970 at which the run began; a report's time is that plus its `seconds`. Default 0. */
  readonly begun?: number;
}

/** What is the same in every report, or is the event's own time and step. */
const NO_SCALARS: ReadonlySet<string> = new Set(["update", "updates", "seconds"]);

/**
 * The reports of a run (of a record, of `onReport`, lines of reports.jsonl) as a file of TensorBoard's events: every number of a report as
 * a scalar of its name at its update. TensorBoard reads files whose names have "tfevents" in them:
 *
 *     await writeFile("runs/nag/events.out.tfevents.heavyball", tensorBoardEvents(record.reports));
 *
 * @throws InvalidOptionError for what are no reports
 */
export function tensorBoardEvents(reports: readonly Report[], options: EventFileOptions = {}): Uint8Array<ArrayBuffer> {
  checkKnownOptions("tensorBoardEvents", checkObject("options of tensorBoardEvents", options), ["begun"]);
  const begun = checkNumber("begun", orDefault(options.begun, 0), 0);
  if (!isArray(reports)) throw new InvalidOptionError("reports", reports, "a list of reports");
  return writeEvents(
    reports.map((report, at) => {
      const { update, seconds } = checkObject(`reports[${at}]`, report) as Partial<Report>;
      const numbers = Object.entries(report).filter(([name, value]) => typeof value === "number" && !NO_SCALARS.has(name));
      return {
        time: begun + checkNumber(`reports[${at}].seconds`, seconds, 0),
        step: checkInteger(`reports[${at}].update`, update, 0),
        values: Object.fromEntries(numbers) as Record<string, number>,
      };
    }),
  );
}
