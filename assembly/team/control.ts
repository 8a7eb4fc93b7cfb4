/**
 * The team's control block: words in the memory that every member shares. The host allocates it zeroed (src/runtime/control.ts mirrors it).
 * Member 0 is the caller; members 1 .. members - 1 are helper threads inside `serve`.
 */
export const EPOCH: usize = 0; // raised by the caller to start a program
export const ARRIVED: usize = 4; // members waiting at the barrier
export const SENSE: usize = 8; // raised by the last member to arrive
export const POISON: usize = 12; // not 0: a member was lost; nobody waits any more
export const MEMBERS: usize = 16;
export const PROGRAM: usize = 20; // code of the program to run
export const ARGUMENTS: usize = 24; // address of its arguments
export const STATUS: usize = 28; // bits that members add while they run it
export const CLOSED: usize = 32; // not 0: helpers leave `serve`
export const PATIENCE: usize = 36; // tenths of a second without any sign of life before a member counts as lost
export const ZEROS: usize = 64; // 64 bytes that stay 0
export const HEARTBEATS: usize = 128; // one word a member
export const MAXIMUM_MEMBERS: i32 = 64;
export const SCRATCH: usize = 512; // SCRATCH_BYTES a member, from here on

/** Status bits of a program. */
export const STATUS_LOST: i32 = 1;
export const STATUS_BAD_INPUT: i32 = 2;
export const STATUS_BAD_TARGET: i32 = 4;
export const STATUS_BAD_LOSS: i32 = 8;
export const STATUS_BAD_PARAMETER: i32 = 16;

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
