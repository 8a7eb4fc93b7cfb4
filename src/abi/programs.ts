/** Programs a team can run (assembly/program.ts). */
export const PROGRAM_ROWS = 1;
export const PROGRAM_UPDATE = 2;
export const PROGRAM_PACK = 3;
export const PROGRAM_ROOFLINE = 4;
export const PROGRAM_RECURRENT_ROWS = 5;
export const PROGRAM_RECURRENT_UPDATE = 6;
export const PROGRAM_CONJUGATE_GRADIENT = 7;
export const PROGRAM_CURVATURE = 8;
export const PROGRAM_SQUARES = 9;
