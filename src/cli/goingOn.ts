/** The command that goes on with the run in a directory; its data, where they come from outside, are given again. */
export function goingOn(directory: string, data: string | undefined): string {
  return `heavyball train --resume --out ${directory}${data === undefined ? "" : ` --data ${data}`}`;
}

/** What was given as --data. */
export function dataOf(args: readonly string[]): string | undefined {
  const at = args.findIndex((argument) => argument === "--data" || argument.startsWith("--data="));
  return at < 0 ? undefined : args[at] === "--data" ? args[at + 1] : args[at].slice("--data=".length);
}
