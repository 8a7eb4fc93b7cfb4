import { type Json, present, withPaths } from "../../boundary/paths.js";

/**
 * A description of Hessian-free with other values at the paths that were asked for. Where it has the other variant, its numbers are not
 * this one's; where it fixes the number of steps, another number is fixed too.
 */
export function changeHessianFree(before: Json, asked: Readonly<Json>): Json {
  const { variant } = asked;
  const start = variant === undefined || variant === (before.variant ?? "standard") ? before : { method: "hessianFree" };
  const solver = (start.conjugateGradient ?? {}) as Json;
  const isFixed = solver.minimum !== undefined && JSON.stringify(solver.minimum) === JSON.stringify(solver.maximum);
  const maximum = asked["conjugateGradient.maximum"];
  const minimum = asked["conjugateGradient.minimum"] ?? (isFixed ? maximum : undefined);
  const changes = present({ ...asked, "conjugateGradient.minimum": minimum });
  return withPaths(
    start,
    Object.entries(changes).map(([path, value]) => ({ path, value })),
  );
}
