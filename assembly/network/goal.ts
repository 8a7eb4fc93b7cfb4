/** How far the row phase carries its cases. */
export const ROWS_PREDICT: i32 = 0; // forward only; outputs in the last layer's rows
export const ROWS_LOSS: i32 = 1; // and the loss and error of each case
export const ROWS_GRADIENT: i32 = 2; // and the deltas, with everything the gradient product reads
