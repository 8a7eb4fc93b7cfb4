/** The largest momenta of the paper's columns; 0 is the column of SGD. */
export const table1Maxima = [0.9, 0.99, 0.995, 0.999] as const;

/**
 * Table 1 of the paper: squared errors of the training images, the best of six learning rates in every cell, by the largest momentum:
 * `sgd` without any, `nag` and `cm` for 0.9, 0.99, 0.995 and 0.999. The last three are of others and quoted there: 1.7 million updates of
 * SGD on tanh networks (Chapelle and Erhan 2011), the authors' Hessian-free with momentum, whose weight decay was taken away late, and
 * Hessian-free of Martens (2010), which had weight decay.
 */
export const table1Paper = {
  rows: [
    {
      row: "CURVES",
      sgd: 0.48,
      nag: [0.16, 0.096, 0.091, 0.074],
      cm: [0.15, 0.1, 0.1, 0.1],
      others: { chapelleErhan: 0.16, hybridHessianFree: 0.058, martens: 0.11 },
    },
    {
      row: "MNIST",
      sgd: 2.1,
      nag: [1.0, 0.73, 0.75, 0.8],
      cm: [1.0, 0.77, 0.84, 0.9],
      others: { chapelleErhan: 0.9, hybridHessianFree: 0.69, martens: 1.4 },
    },
    {
      row: "FACES",
      sgd: 36.4,
      nag: [14.2, 8.5, 7.8, 7.7],
      cm: [15.3, 8.7, 8.3, 9.3],
      others: { hybridHessianFree: 7.5, martens: 12.0 },
    },
  ],
} as const;

/** What the quoted columns are. */
export const table1Others = {
  chapelleErhan: { column: "SGD_C", remark: "Chapelle and Erhan (2011): 1.7 million updates, tanh networks; quoted" },
  hybridHessianFree: { column: "HF with momentum", remark: "the authors' Hessian-free, weight decay removed late; quoted" },
  martens: { column: "HF", remark: "Martens (2010), with weight decay; quoted" },
} as const;
