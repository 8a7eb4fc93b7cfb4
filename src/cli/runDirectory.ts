import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { writeWholeFile } from "../node/wholeFile.js";
import type { Report } from "../trials/trial.js";
import { makeDirectory } from "./makeDirectory.js";
import { UsageError } from "./options.js";

/** Files of a run, in the order in which they appear; `checkpointFiles.ts` has the rest. */
const files = ["spec.json", "reports.jsonl", "best.safetensors", "model.safetensors", "record.json", "report.html"] as const;

/**
 * The directory a trial writes to:
 *
 *     spec.json           makes it repeatable
 *     reports.jsonl       one report a line, as they come
 *     checkpoint.bin      the state, every so many seconds; checkpoint.previous.bin is the one before
 *     best.safetensors    the network of the lowest watched error so far (bestModel.ts)
 *     model.safetensors   the network, when the trial has ended or been stopped
 *     record.json         when it has ended: spec, versions, errors
 *     report.html         for people
 */
export class RunDirectory {
  private constructor(readonly path: string) {}

  /** A directory for a new run, made if need be. Throws UsageError when it cannot be, or holds a run already: nothing is overwritten. */
  static create(path: string): RunDirectory {
    const present = files.find((file) => existsSync(join(path, file)));
    if (present !== undefined) {
      throw new UsageError(`${path} holds a run already (${present}); give another directory, remove it, or go on with it: heavyball train --resume --out ${path}`);
    }
    makeDirectory(path);
    return new RunDirectory(path);
  }

  /** The directory of a run that was begun, or undefined. */
  static open(path: string): RunDirectory | undefined {
    return existsSync(join(path, "spec.json")) ? new RunDirectory(path) : undefined;
  }

  file(name: (typeof files)[number]): string {
    return join(this.path, name);
  }

  /** Writes one of the files whole, and returns its path. */
  async write(name: (typeof files)[number], content: string | Uint8Array): Promise<string> {
    const path = this.file(name);
    await writeWholeFile(path, content, `${path}.tmp`);
    return path;
  }

  addReport(report: Report): void {
    appendFileSync(this.file("reports.jsonl"), reportLine(report));
  }

  /** Cuts the reports back to these. */
  async setReports(reports: readonly Report[]): Promise<void> {
    await this.write("reports.jsonl", reports.map(reportLine).join(""));
  }
}

function reportLine(report: Report): string {
  return `${JSON.stringify(report)}\n`;
}
