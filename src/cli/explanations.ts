/** Why a Hessian-free trial on CURVES is level at first; for pages that show one. */
export const hessianFreePlateau =
  "Hessian-free (HF) is level there for its first dozens of updates, and is meant to be: in Martens' published run on the original " +
  "images the error is within 3 % of the mean image's from the 7th update to the 25th, 12 after 50 updates and 0.4 after 100, when " +
  "conjugate gradient has made 10,000 steps, most of them in the last thirty updates. On the level stretch conjugate gradient ends " +
  "after a dozen steps, for lack of progress; once a way down is found it goes on for hundreds.";
