import { HeavyballError } from "../errors.js";
import { noRoomOf } from "../trials/noRoom.js";
import { systemSentence } from "../trials/systemTrouble.js";
import type { TrialFailure } from "./storedTrial.js";

/** Whether a failure's code is the system's, as of files. */
export function isSystemCode(code: string): boolean {
  return /^E[A-Z0-9]+$/.test(code);
}

/** An error as data. What is not one of the library's or the system's is a fault of ours, and shows where it happened. */
export function failureOf(error: unknown): TrialFailure {
  const reason = noRoomOf(error);
  if (reason !== undefined) return reason;
  if (error instanceof HeavyballError) return { code: error.code, message: error.message };
  if (!(error instanceof Error)) return { code: "UNKNOWN", message: String(error) };
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? { code, message: systemSentence(error) } : { code: "UNKNOWN", message: error.stack ?? error.message };
}
