import { ARGUMENTS, CLOSED, EPOCH, POISON, PROGRAM, STATUS, STATUS_LOST } from "../../src/abi/control";
import { runProgram } from "../program";
import { SPINS, barrier } from "./barrier";
import { members } from "./control";

/**
 * Runs one program on the whole team and returns its status bits; called by member 0.
 * Every program ends at a barrier, so that its results are there when this returns.
 */
export function lead(control: usize, program: i32, args: usize): i32 {
  if (atomic.load<i32>(control + POISON)) return STATUS_LOST;
  store<i32>(control, program, PROGRAM);
  store<usize>(control, args, ARGUMENTS);
  atomic.store<i32>(control + STATUS, 0);
  if (members(control) > 1) {
    atomic.add<i32>(control + EPOCH, 1);
    atomic.notify(control + EPOCH, -1);
  }
  runProgram(program, args, control, 0);
  if (!barrier(control, 0)) return STATUS_LOST;
  return atomic.load<i32>(control + STATUS);
}

/**
 * A helper's life: waits for the epoch to rise from `seen`, runs its share of the program, waits again; returns when the team is closed or
 * poisoned. Sleeps are bounded so that a closing that was missed is noticed.
 */
export function serve(control: usize, rank: i32, seen: i32): void {
  while (true) {
    let spins = SPINS;
    while (atomic.load<i32>(control + EPOCH) == seen) {
      if (atomic.load<i32>(control + CLOSED) | atomic.load<i32>(control + POISON)) return;
      if (--spins < 0) atomic.wait<i32>(control + EPOCH, seen, 1_000_000_000);
    }
    seen++;
    runProgram(load<i32>(control, PROGRAM), load<usize>(control, ARGUMENTS), control, rank);
    if (!barrier(control, rank)) return;
  }
}
