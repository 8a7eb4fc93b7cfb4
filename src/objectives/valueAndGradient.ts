import { InvalidOptionError } from "../errors.js";
import type { Objective } from "./objective.js";

/** f(point), with grad f(point) written over `out`. Throws InvalidOptionError for an objective that returns no number. */
export function valueAndGradient(objective: Objective, point: Float64Array, out: Float64Array): number {
  out.fill(0);
  const value: unknown = objective.gradient(point, out);
  if (typeof value !== "number") {
    const allowed = "a number: write the gradient into out, and return the value of the function";
    throw new InvalidOptionError("the value returned by objective.gradient", value, allowed);
  }
  return value;
}
