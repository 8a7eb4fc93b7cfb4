/**
 * What the paper prints of these problems: the zero-one errors of NAG with a momentum of 0.995, and of the output biases alone, in Table 5.
 * It has no number of Hessian-free from its initialization, which it suggests to try.
 */
export const echoStatePaper = {
  nesterov: { addition: 0.00025, multiplication: 0.0013, memory5: 0.63, memory20: 0.00005 },
  biases: { addition: 0.82, multiplication: 0.84, memory5: 2.5, memory20: 8 },
} as const;
