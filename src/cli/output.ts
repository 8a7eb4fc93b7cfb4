import type { Terminal } from "../report/progressBars.js";

/** The terminal or pipe that standard output is. Colours follow the custom of NO_COLOR (no-color.org) and FORCE_COLOR. */
export function standardOutput(): Terminal {
  const { stdout, env } = process;
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "0";
  const interactive = stdout.isTTY === true && env.TERM !== "dumb";
  return {
    write: (text) => void stdout.write(text),
    interactive,
    colour: forced || (interactive && (env.NO_COLOR === undefined || env.NO_COLOR === "")),
    columns: () => stdout.columns ?? 80,
  };
}

/** One line of text on standard output. */
export function say(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** One value as a line of JSON on standard output, `kind` first, which tells such lines apart. */
export function sayJson(kind: string, value: object): void {
  say(JSON.stringify({ kind, ...value }));
}
