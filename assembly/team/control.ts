import { HEARTBEATS, MEMBERS, STATUS } from "../../src/abi/control";

// @ts-ignore: decorator
@inline
export function members(control: usize): i32 {
  return load<i32>(control, MEMBERS);
}

/** Says that this member is alive; called once per unit of work (a few microseconds to some milliseconds). */
// @ts-ignore: decorator
@inline
export function beat(control: usize, rank: i32): void {
  const at = control + HEARTBEATS + (<usize>rank << 2);
  atomic.store<i32>(at, atomic.load<i32>(at) + 1);
}

// @ts-ignore: decorator
@inline
export function raiseStatus(control: usize, bits: i32): void {
  atomic.or<i32>(control + STATUS, bits);
}
