/**
 * The team's control block: words in the memory that every member shares, offsets in bytes. The host allocates it zeroed.
 * Member 0 is the caller; members 1 .. members - 1 are helper threads inside `serve`.
 */
export const EPOCH = 0; // raised by the caller to start a program
export const ARRIVED = 4; // members waiting at the barrier
export const SENSE = 8; // raised by the last member to arrive
export const POISON = 12; // not 0: a member was lost; nobody waits any more
export const MEMBERS = 16;
export const PROGRAM = 20; // code of the program to run
export const ARGUMENTS = 24; // address of its arguments
export const STATUS = 28; // bits that members add while they run it
export const CLOSED = 32; // not 0: helpers leave `serve`
export const PATIENCE = 36; // tenths of a second without any sign of life before a member counts as lost
export const ZEROS = 64; // 64 bytes that stay 0
export const HEARTBEATS = 128; // one word a member
export const MAXIMUM_MEMBERS = 64;
export const SCRATCH = 512; // SCRATCH_BYTES a member, from here on

/** Bytes a member needs for its current tiles: their sums, and as many again for the denominators of an activation. */
export const SCRATCH_BYTES = 1024;

/** Status bits of a program. */
export const STATUS_LOST = 1;
export const STATUS_BAD_INPUT = 2;
export const STATUS_BAD_TARGET = 4;
export const STATUS_BAD_LOSS = 8;
export const STATUS_BAD_PARAMETER = 16;
