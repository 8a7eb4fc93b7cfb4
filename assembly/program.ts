import { SCRATCH_BYTES } from "./dense/layout";
import { runRows, runUpdate } from "./feedForward/update";
import { runCurvature } from "./network/curvaturePass";
import { runSquares } from "./network/squares";
import { runPack } from "./network/update";
import { runConjugateGradient } from "./optimize/conjugateGradient";
import { runRecurrentRows, runRecurrentUpdate } from "./recurrent/update";
import { roofline } from "./roofline";
import { SCRATCH } from "./team/control";

/** Programs a team can run; the host names them by these codes (src/runtime/control.ts). */
export const PROGRAM_ROWS: i32 = 1;
export const PROGRAM_UPDATE: i32 = 2;
export const PROGRAM_PACK: i32 = 3;
export const PROGRAM_ROOFLINE: i32 = 4;
export const PROGRAM_RECURRENT_ROWS: i32 = 5;
export const PROGRAM_RECURRENT_UPDATE: i32 = 6;
export const PROGRAM_CONJUGATE_GRADIENT: i32 = 7;
export const PROGRAM_CURVATURE: i32 = 8;
export const PROGRAM_SQUARES: i32 = 9;

/** Member `rank`'s share of a program. Direct calls, since a table of functions would need a data segment. */
export function runProgram(program: i32, args: usize, control: usize, rank: i32): void {
  switch (program) {
    case PROGRAM_ROWS:
      runRows(args, control, rank);
      break;
    case PROGRAM_UPDATE:
      runUpdate(args, control, rank);
      break;
    case PROGRAM_PACK:
      runPack(args, control, rank);
      break;
    case PROGRAM_RECURRENT_ROWS:
      runRecurrentRows(args, control, rank);
      break;
    case PROGRAM_RECURRENT_UPDATE:
      runRecurrentUpdate(args, control, rank);
      break;
    case PROGRAM_CONJUGATE_GRADIENT:
      runConjugateGradient(args, control, rank);
      break;
    case PROGRAM_CURVATURE:
      runCurvature(args, control, rank);
      break;
    case PROGRAM_SQUARES:
      runSquares(args, control, rank);
      break;
    case PROGRAM_ROOFLINE:
      roofline(load<i32>(args), control + SCRATCH + <usize>(rank * SCRATCH_BYTES));
      break;
  }
}
