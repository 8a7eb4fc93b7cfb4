/**
 * The updates at which a trial measures its error: 0, 1, 2, ... growing by a twelfth each time, so that they lie evenly on a logarithmic
 * axis, but never more than a fiftieth of the trial apart, so that a person waiting sees something change; and the last one.
 */
export function reportUpdates(updates: number): number[] {
  return spaced(updates, 12, Math.max(1, Math.ceil(updates / 50)));
}

/** Those of a Hessian-free trial, whose updates are long: each of the first 500, then growing by a five-hundredth each time. */
export function hessianFreeReportUpdates(updates: number): number[] {
  return spaced(updates, 500, Infinity);
}

function spaced(updates: number, share: number, longest: number): number[] {
  const at: number[] = [];
  for (let update = 0; update < updates; update += Math.max(1, Math.min(longest, Math.ceil(update / share)))) at.push(update);
  at.push(updates);
  return at;
}
