/**
 * Table 2 of the paper: the error before the last 1,000 updates, in which the momentum is 0.9, and after them; of NAG with the momentum
 * that is best in Table 1.
 */
export const table2Paper = {
  cells: [
    { row: "CURVES", max: 0.999, before: 0.096, after: 0.074 },
    { row: "MNIST", max: 0.99, before: 1.2, after: 0.73 },
    { row: "FACES", max: 0.999, before: 10.83, after: 7.7 },
  ],
} as const;
