import { ARRIVED, HEARTBEATS, PATIENCE, POISON, SENSE } from "../../src/abi/control";
import { members } from "./control";

/** Polls before a waiting thread sleeps: some tens of microseconds, less than a wake-up costs. */
export const SPINS: i32 = 4000;

/** Length of one bounded sleep, in nanoseconds. */
const SLICE: i64 = 100_000_000;

/**
 * Waits until every member of the team has arrived. Returns false when the team is poisoned, and poisons it itself
 * when no other member has given a sign of life for `PATIENCE` tenths of a second: an event cannot reach a caller that waits inside
 * WebAssembly.
 */
export function barrier(control: usize, rank: i32): bool {
  const team = members(control);
  if (team == 1) return true;
  const sense = atomic.load<i32>(control + SENSE);
  if (atomic.add<i32>(control + ARRIVED, 1) == team - 1) {
    atomic.store<i32>(control + ARRIVED, 0);
    atomic.add<i32>(control + SENSE, 1);
    atomic.notify(control + SENSE, -1);
    return atomic.load<i32>(control + POISON) == 0;
  }
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<i32>(control + SENSE) != sense) return atomic.load<i32>(control + POISON) == 0;
  }
  let silent = 0;
  let pulse = othersPulse(control, rank, team);
  while (atomic.load<i32>(control + SENSE) == sense) {
    if (atomic.load<i32>(control + POISON)) return false;
    atomic.wait<i32>(control + SENSE, sense, SLICE);
    const now = othersPulse(control, rank, team);
    silent = now == pulse ? silent + 1 : 0;
    pulse = now;
    if (silent > load<i32>(control, PATIENCE)) {
      atomic.store<i32>(control + POISON, 1);
      atomic.notify(control + SENSE, -1);
      return false;
    }
  }
  return atomic.load<i32>(control + POISON) == 0;
}

/** Sum of everybody else's heartbeats: it stands still only when all of them do. */
function othersPulse(control: usize, rank: i32, team: i32): i32 {
  let sum = 0;
  for (let i = 0; i < team; i++) {
    if (i != rank) sum += atomic.load<i32>(control + HEARTBEATS + (<usize>i << 2));
  }
  return sum;
}
