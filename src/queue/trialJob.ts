import { isRecord } from "../boundary/realm.js";
import { parseBoundedJson } from "../formats/boundedJson.js";
import { type Keep, keeps } from "../sweeps/keeping.js";
import type { TrialFailure } from "../sweeps/storedTrial.js";
import type { TrialProgress } from "../trials/progress.js";
import type { TrialEnd } from "../trials/record.js";
import { checkTrialSpec, type TrialSpec } from "../trials/spec.js";
import { readStoredContent, type StoredContent } from "./contents.js";

/** What a job of the queue holds; its id is the trial's key. */
export interface TrialOrderData {
  readonly spec: TrialSpec;
  /** Whether wide kernels are to compute it, where a worker that was not asked for others has them. */
  readonly wide: boolean;
  readonly keep: Keep;
  readonly checkpointSeconds: number;
  /** How often the trial may throw, and how often its workers may be lost without a later checkpoint. */
  readonly attempts: number;
}

/** What a trial that has ended leaves as its job's value. */
export interface TrialResult {
  readonly end: TrialEnd;
  /** Who ran it. */
  readonly writer: string;
  /** What of its run is on the server, the record last. */
  readonly contents: readonly StoredContent[];
}

/** What a worker tells of a trial that runs. */
export interface ToldProgress {
  readonly progress: TrialProgress;
}

/** Throws an error that says what is wrong with a job that is none of ours. */
export function readOrder(data: unknown): TrialOrderData {
  const { spec, wide, keep, checkpointSeconds, attempts } = isRecord(data) ? data : {};
  const isOrder =
    typeof wide === "boolean" &&
    (keeps as readonly unknown[]).includes(keep) &&
    typeof checkpointSeconds === "number" &&
    checkpointSeconds > 0 &&
    Number.isSafeInteger(attempts) &&
    (attempts as number) > 0;
  if (!isOrder) throw new Error("the job is no order of a trial");
  return { spec: checkTrialSpec(spec), wide: wide as boolean, keep: keep as Keep, checkpointSeconds, attempts: attempts as number };
}

/** What the fields of a job say of how its trial stands. */
export type JobState =
  /** The server does not know it. */
  | { readonly kind: "gone" }
  | { readonly kind: "ended"; readonly result: TrialResult | undefined }
  | { readonly kind: "failed"; readonly failure: TrialFailure }
  | {
      readonly kind: "open";
      readonly isBegun: boolean;
      readonly progress: TrialProgress | undefined;
      /** How often a worker of it was lost, how often it has thrown, by whom last and why. */
      readonly losses: number;
      readonly throws: number;
      readonly worker: string;
      readonly failure: TrialFailure | undefined;
    };

/** The fields of BullMQ's job that say it, in the order in which `readState` takes them. */
export const stateFields = ["name", "finishedOn", "returnvalue", "failedReason", "progress", "stc", "atm", "processedOn", "pb"] as const;

export function readState(values: readonly (string | null)[]): JobState {
  const [name, finished, value, reason, progress, losses, throws, begun, worker] = values;
  if (name === null) return { kind: "gone" };
  if (finished !== null && value !== null) return { kind: "ended", result: readResult(value) };
  if (finished !== null) return { kind: "failed", failure: readFailure(reason ?? "") };
  return {
    kind: "open",
    isBegun: begun !== null,
    progress: readProgress(progress),
    losses: Number(losses ?? 0),
    throws: Number(throws ?? 0),
    worker: worker ?? "",
    failure: reason === null ? undefined : readFailure(reason),
  };
}

/** Undefined for what is no result, such as that of a trial that nobody wanted any more. */
function readResult(text: string): TrialResult | undefined {
  const value = parsed(text);
  if (!isRecord(value) || !isRecord(value.end) || typeof value.writer !== "string" || !Array.isArray(value.contents)) return undefined;
  const { code, message } = value.end;
  if ((code !== "finished" && code !== "diverged") || typeof message !== "string") return undefined;
  const contents = value.contents.map(readStoredContent);
  if (contents.some((content) => content === undefined)) return undefined;
  return { end: { code, message }, writer: value.writer, contents: contents as StoredContent[] };
}

function readProgress(text: string | null): TrialProgress | undefined {
  const value = text === null ? undefined : parsed(text);
  if (!isRecord(value) || !isRecord(value.progress)) return undefined;
  const { update, updates, share } = value.progress;
  const isWhole = [update, updates, share].every((number) => typeof number === "number");
  return isWhole ? (value.progress as unknown as TrialProgress) : undefined;
}

/** An error as a job keeps it. */
export function failureWords({ code, message }: TrialFailure): string {
  return JSON.stringify({ code, message });
}

function readFailure(text: string): TrialFailure {
  const value = parsed(text);
  if (isRecord(value) && typeof value.code === "string" && typeof value.message === "string")
    return { code: value.code, message: value.message };
  return { code: "QUEUE", message: text === "" ? "the queue gave the trial up and does not say why" : text };
}

function parsed(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return undefined;
  }
}
