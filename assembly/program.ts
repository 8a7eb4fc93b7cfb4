import { SCRATCH, SCRATCH_BYTES } from "../src/abi/control";
import {
  PROGRAM_CONJUGATE_GRADIENT, PROGRAM_CURVATURE, PROGRAM_PACK, PROGRAM_RECURRENT_ROWS, PROGRAM_RECURRENT_UPDATE, PROGRAM_ROOFLINE,
  PROGRAM_ROWS, PROGRAM_SQUARES, PROGRAM_UPDATE,
} from "../src/abi/programs";
import { WIDE } from "./dense/layout";
import { runRows, runUpdate } from "./feedForward/update";
import { runCurvature } from "./network/curvaturePass";
import { runSquares } from "./network/squares";
import { runPack } from "./network/update";
import { runConjugateGradient } from "./optimize/conjugateGradient";
import { runRecurrentRows, runRecurrentUpdate } from "./recurrent/update";
import { roofline, wideRoofline } from "./roofline";

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
      if (WIDE) wideRoofline(load<i32>(args), control + SCRATCH + <usize>(rank * SCRATCH_BYTES));
      else roofline(load<i32>(args), control + SCRATCH + <usize>(rank * SCRATCH_BYTES));
      break;
  }
}
