/** The team's control block, as assembly/team/control.ts lays it out; byte offsets from its address. */
export const CONTROL = {
  epoch: 0,
  arrived: 4,
  sense: 8,
  poison: 12,
  members: 16,
  closed: 32,
  patience: 36,
  zeros: 64,
  scratch: 512,
} as const;

export const MAXIMUM_THREADS = 64;
/** Bytes of tiles that each member keeps (assembly/dense/layout.ts). */
export const SCRATCH_BYTES = 512;

export function controlBytes(members: number): number {
  return CONTROL.scratch + members * SCRATCH_BYTES;
}

/** Programs of assembly/program.ts. */
export const PROGRAM = { rows: 1, update: 2, pack: 3, roofline: 4, recurrentRows: 5, recurrentUpdate: 6, conjugateGradient: 7, curvature: 8, squares: 9 } as const;

/** Status bits a program returns. */
export const STATUS = { lost: 1, badInput: 2, badTarget: 4, badLoss: 8, badParameter: 16 } as const;
