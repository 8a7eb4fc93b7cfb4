import type { TrialSpec } from "../trials/spec.js";
import type { Store } from "../trials/store.js";
import { recordName, type TrialFailure } from "./storedTrial.js";

/** What a record that was damaged is called from then on. */
export const asideName = "record.damaged.json";

/** The content that keeps why a trial failed. */
export function failureText(spec: TrialSpec, failure: TrialFailure): string {
  return `${JSON.stringify({ spec, failure }, null, 2)}\n`;
}

/** Gives the record in a run another name; nothing of it is lost. */
export async function setRecordAside(run: Store): Promise<void> {
  const store = await run.open();
  try {
    if ((await store.names()).includes(recordName)) await store.rename(recordName, asideName);
  } finally {
    await store.close();
  }
}
