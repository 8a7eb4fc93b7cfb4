export type { Objective } from "./objective.js";
export { type Quadratic, type QuadraticOptions, quadratic } from "./quadratic.js";
