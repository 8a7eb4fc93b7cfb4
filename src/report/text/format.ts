/** Numbers as people read them; used by the terminal, the plots and the report page alike. */

/** 20000 as "20,000". */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "1 update", "20,000 updates": so many of what `noun` names in the singular. */
export function formatCountOf(value: number, noun: string): string {
  return `${formatCount(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** An error or a loss with four significant digits and no exponent unless it is very small or very large; "-" when there is none yet. */
export function formatError(value: number | undefined): string {
  if (value === undefined) return "-";
  if (!Number.isFinite(value)) return "not finite";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e7) return value.toExponential(2);
  return size < 9999.5 ? value.toPrecision(4) : String(Math.round(value));
}

/** A learning rate or momentum without trailing zeros, at most four significant digits: 0.01, 0.9886, 0.0005. */
export function formatRate(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Seconds as "8 s", "2 min 05 s" or "1 h 20 min". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "unknown";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  const minutes = Math.round(whole / 60);
  return `${formatCount(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Updates per second: whole numbers from 10 on, one decimal below; below one in two seconds, the seconds of one update. */
export function formatSpeed(updatesPerSecond: number): string {
  if (updatesPerSecond < 0.5) return `${formatDuration(1 / updatesPerSecond)}/update`;
  return `${updatesPerSecond >= 9.95 ? formatCount(updatesPerSecond) : updatesPerSecond.toFixed(1)} updates/s`;
}
