/** First of `items` items that member `rank` of `team` takes; its last is the next member's first. Whole items only. */
// @ts-ignore: decorator
@inline
export function sliceStart(items: i32, rank: i32, team: i32): i32 {
  return <i32>((<i64>items * <i64>rank) / <i64>team);
}

/**
 * First of a stretch of `units` units that member `rank` takes, where the stretch begins after `before` of the `total` cost and each unit
 * costs `cost`: the unit whose middle is the first to lie in the member's share. Results never depend on it; only the balance does.
 */
export function firstUnitOf(units: i32, before: f64, cost: f64, total: f64, rank: i32, team: i32): i32 {
  const unit = ceil<f64>((total * <f64>rank / <f64>team - before) / cost - 0.5);
  return rank >= team ? units : <i32>min<f64>(<f64>units, max<f64>(0, unit));
}
