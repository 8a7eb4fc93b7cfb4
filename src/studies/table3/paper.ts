/**
 * Table 3 of the paper: the error by what multiplies the weights of the sparse initialization. It does not say on which problem; the 0.074
 * of scale 1 is that of CURVES with NAG and a maximum of 0.999 in Table 1.
 */
export const table3Paper = {
  cells: [
    { scale: 0.25, error: 16 },
    { scale: 0.5, error: 16 },
    { scale: 1, error: 0.074 },
    { scale: 2, error: 0.083 },
    { scale: 4, error: 0.35 },
  ],
} as const;
