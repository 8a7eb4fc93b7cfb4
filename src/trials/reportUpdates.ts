/**
 * The updates at which a trial measures its error: 0, 1, 2, ... growing by a twelfth each time, so that they lie evenly on a logarithmic axis,
 * but never more than a fiftieth of the trial apart, so that a person waiting sees something change; and the last one.
 */
export function reportUpdates(updates: number): number[] {
  const longest = Math.max(1, Math.ceil(updates / 50));
  const at: number[] = [];
  for (let update = 0; update < updates; update += Math.max(1, Math.min(longest, Math.ceil(update / 12)))) at.push(update);
  at.push(updates);
  return at;
}
