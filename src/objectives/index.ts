export type { Objective } from "./objective.js";
export { quadratic, type Quadratic, type QuadraticOptions } from "./quadratic.js";
