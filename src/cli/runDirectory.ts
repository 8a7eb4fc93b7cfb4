import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../trials/trial.js";
import { UsageError } from "./options.js";

/** Files of a run; `spec.json` makes it repeatable, `reports.jsonl` has one report a line. */
const files = ["spec.json", "reports.jsonl", "model.safetensors", "report.html"];

/** The directory a trial writes to. */
export class RunDirectory {
  /** Makes the directory. Throws UsageError when it holds a run already: nothing is overwritten. */
  constructor(readonly path: string) {
    const present = files.find((file) => existsSync(join(path, file)));
    if (present !== undefined) throw new UsageError(`${path} holds a run already (${present}); give another directory or remove it`);
    mkdirSync(path, { recursive: true });
  }

  /** Writes one of the files, and returns its path. */
  write(file: "spec.json" | "model.safetensors" | "report.html", content: string | Uint8Array): string {
    const path = join(this.path, file);
    writeFileSync(path, content);
    return path;
  }

  addReport(report: Report): void {
    appendFileSync(join(this.path, "reports.jsonl"), `${JSON.stringify(report)}\n`);
  }
}
