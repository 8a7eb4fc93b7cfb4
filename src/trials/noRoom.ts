import { HeavyballError } from "../errors.js";
import { StoreError } from "./store.js";

/** The system's words for a disk that takes nothing more: it is full, its user has had his share, or it can be read alone. */
const codes = ["ENOSPC", "EDQUOT", "EROFS"];
/** Of causes of causes; more may go round in a circle. */
const deepest = 10;

/** Whether a code is the system's word for a disk that takes nothing more. */
export function isNoRoomCode(code: unknown): boolean {
  return (codes as unknown[]).includes(code);
}

/**
 * The system's error behind an error, where a store has no room, or cannot be written at all: then nothing else can be kept in it either.
 * Undefined for everything else. A failure that another machine has told (a HeavyballError of such a code) is that machine's own.
 */
export function noRoomOf(error: unknown): { readonly code: string; readonly message: string } | undefined {
  let outer: unknown;
  let cause = error;
  for (let depth = 0; depth < deepest && cause instanceof Error; depth++) {
    const { code } = cause as { readonly code?: unknown };
    const isTold = cause instanceof HeavyballError && !(outer instanceof StoreError && outer.trouble === "full");
    if (isNoRoomCode(code) && !isTold) return { code: code as string, message: cause.message };
    outer = cause;
    cause = cause.cause;
  }
  return undefined;
}

/** Whether the system's word is that a disk can be read alone, as that of one trial of many may be, where room cannot be made. */
export function isReadOnly(reason: { readonly code?: unknown } | undefined): boolean {
  return reason?.code === "EROFS";
}

/** The error for a store that takes nothing more; `reason` is the system's. */
export function noRoomIn(place: string, reason: { readonly code?: unknown; readonly message: string }): StoreError {
  const again = "run the same again: what is in it stays, and is gone on with";
  const remedy = isReadOnly(reason)
    ? `its disk can only be read: give a place on another, or have it mounted for writing and ${again}`
    : `make room there and ${again}`;
  const what = `store is ${JSON.stringify(place)}, where nothing more can be written (${reason.message}); ${remedy}`;
  return new StoreError("full", place, what, { cause: reason });
}

/** Does what is kept in a store; where that has no room, throws the error that says so. */
export async function withRoomIn<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = noRoomOf(error);
    throw reason === undefined ? error : noRoomIn(place, reason);
  }
}
