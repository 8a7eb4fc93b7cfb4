import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type OpenStore, StoreError } from "../trials/store.js";
import { VERSION } from "../version.js";
import { readRegularText } from "./regularFile.js";

const formatName = "store.json";
/** Raised by whoever changes how sweeps lie in directories. */
const FORMAT = 1;
/** What the run of a single trial leaves, which no sweep does. */
const ofRuns = ["spec.json", "record.json", "checkpoint.bin"];

/** Throws StoreError for a directory that holds the run of one trial, or a sweep of a later version of this code. */
export async function checkSweepFormat(directory: string): Promise<void> {
  const names = await readdir(directory).catch((): string[] => []);
  const own = ofRuns.find((name) => names.includes(name));
  if (own !== undefined)
    throw new StoreError("holdsRun", directory, `${directory} holds a run already (${own}); give the sweep a directory of its own`);
  if (!names.includes(formatName)) return;
  const { format, heavyball } = await readFormat(join(directory, formatName));
  if (typeof format !== "number" || format <= FORMAT) return;
  throw new StoreError(
    "unusable",
    directory,
    `${directory} holds a sweep of a later heavyball (${String(heavyball)}, format ${format}; this one knows ${FORMAT}); ` +
      "use that version, or give another directory",
  );
}

/** Whether a directory is one of sweeps, be they without trials yet. */
export async function holdsSweep(directory: string): Promise<boolean> {
  return (await readdir(directory).catch((): string[] => [])).includes(formatName);
}

/** Writes the format of a new directory. */
export async function markSweepFormat(store: OpenStore): Promise<void> {
  if ((await store.names()).includes(formatName)) return;
  await store.write(formatName, `${JSON.stringify({ format: FORMAT, heavyball: VERSION })}\n`);
}

/** What cannot be read says nothing. */
async function readFormat(path: string): Promise<{ readonly format?: unknown; readonly heavyball?: unknown }> {
  try {
    return (JSON.parse(await readRegularText(path)) ?? {}) as object;
  } catch {
    return {};
  }
}
