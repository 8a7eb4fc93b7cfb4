import type { SpecOption } from "../../options.js";

/** Hessian-free's own options on the command line. */
export const hessianFreeOptions: readonly SpecOption[] = [
  {
    name: "variant",
    kind: "text",
    value: "WHICH",
    help: "standard (default; Martens 2010) or momentum (the paper's hybrid:\nsmall minibatches, no line search)",
    path: "optimizer.variant",
  },
  {
    name: "gradient-cases",
    kind: "number",
    value: "N",
    help: "cases that give the gradient (default: curves all, momentum\nvariant a sixteenth; sequences 10000, momentum variant 1000)",
    path: "optimizer.gradientCases",
  },
  {
    name: "curvature-cases",
    kind: "number",
    value: "N",
    help: "cases that give the curvature, by turns (default: curves a\nquarter; sequences 1000; momentum variant the gradient's)",
    path: "optimizer.curvatureCases",
  },
  {
    name: "damping",
    kind: "number",
    value: "LAMBDA",
    help: "damping of the first update (default: curves 45, sequences 0.01\nfor each scored output)",
    path: "optimizer.damping.initial",
  },
  {
    name: "damping-drop",
    kind: "number",
    value: "X",
    help: "what damping falls by where the model is good and rises by where\nit is bad (default 2/3)",
    path: "optimizer.damping.drop",
  },
  {
    name: "structural-damping",
    kind: "number",
    value: "MU",
    help: "sequences: damps the change of hidden states, by MU times the\ndamping (default 0.03)",
    path: "optimizer.structuralDamping",
  },
  {
    name: "cg-maximum",
    kind: "number",
    value: "N",
    help: "steps of conjugate gradient in an update at most (default:\ncurves 250; sequences exactly 300; momentum variant exactly 50)",
    path: "optimizer.conjugateGradient.maximum",
  },
  {
    name: "cg-minimum",
    kind: "number",
    value: "N",
    help: "steps before a lack of progress may end it (default: curves 1,\nelsewhere as many as --cg-maximum)",
    path: "optimizer.conjugateGradient.minimum",
  },
  {
    name: "cg-decay",
    kind: "number",
    value: "X",
    help: "share of the last solution that the next starts from, the\nmomentum of the paper's section 5 (default 0.95)",
    path: "optimizer.conjugateGradient.decay",
  },
  {
    name: "cg-steps",
    kind: "number",
    value: "N",
    help: "ends the trial when the steps of all updates together reach N,\nif --updates, where given, do not end it sooner",
    path: "conjugateGradientSteps",
  },
];
