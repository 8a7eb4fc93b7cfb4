/** mu_0 of the paper's columns besides 0: the momentum after the first phase. */
export const table5Momenta = [0.9, 0.98, 0.995] as const;

/**
 * Table 5 of the paper: zero-one errors of recurrent networks, means of four seeds, the best of four fixed learning rates in every cell.
 * Of addition and multiplication the share of sequences that are answered wrongly; of the memory problems symbols repeated wrongly, per
 * sequence. `biases`: of the output biases alone; `none`: mu_0 = 0.
 */
export const table5Paper = {
  seeds: 4,
  rows: [
    { row: "addition", biases: 0.82, none: 0.39, nag: [0.02, 0.21, 0.00025], cm: [0.43, 0.62, 0.036] },
    { row: "multiplication", biases: 0.84, none: 0.48, nag: [0.36, 0.22, 0.0013], cm: [0.029, 0.025, 0.37] },
    { row: "memory5", biases: 2.5, none: 1.27, nag: [1.02, 0.96, 0.63], cm: [1.12, 1.09, 0.92] },
    { row: "memory20", biases: 8.0, none: 5.37, nag: [2.77, 0.0144, 0.00005], cm: [1.75, 0.0017, 0.053] },
  ],
} as const;
