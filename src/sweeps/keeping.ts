import { bestModelName } from "../trials/bestModel.js";
import { checkpointNames } from "../trials/checkpoints.js";
import type { TrialSpec } from "../trials/spec.js";
import type { Store } from "../trials/store.js";
import { modelName } from "../trials/storedRun.js";
import type { TrialFailure } from "./storedTrial.js";

/** The content that keeps why a trial failed. */
export function failureText(spec: TrialSpec, failure: TrialFailure): string {
  return `${JSON.stringify({ spec, failure }, null, 2)}\n`;
}

/**
 * What stays of a trial that has ended: all; all but its checkpoints, which nothing needs any more; or its spec, reports and record alone,
 * some tens of kilobytes.
 */
export type Keep = "all" | "models" | "records";

export const keeps = ["all", "models", "records"] as const satisfies readonly Keep[];

/** The names of what is not to be kept of a trial that has ended. */
export function discardedNames(keep: Keep): readonly string[] {
  return { all: [], models: checkpointNames, records: [...checkpointNames, modelName, bestModelName] }[keep];
}

/** Removes what is not to be kept of a trial that has ended. */
export async function discardRest(run: Store, keep: Keep): Promise<void> {
  if (keep === "all") return;
  const store = await run.open();
  try {
    await store.remove(...discardedNames(keep));
  } finally {
    await store.close();
  }
}
