import { HeavyballError } from "heavyball";

/** What JavaScript lets one pass where something else belongs. */
export const JUNK: readonly unknown[] = [undefined, null, "foo", 5, [], {}, () => 5];

/** A file that is not there is told by the system's own error, as documented. */
const isOfSystem = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === "ENOENT";

/** None, one and two pieces of junk; a first one that is left out is tried alone. */
const ARGUMENTS: readonly (readonly unknown[])[] = [
  [],
  ...JUNK.map((first) => [first]),
  ...JUNK.slice(1).flatMap((first) => JUNK.map((second) => [first, second])),
];

const show = (value: unknown): string => (typeof value === "function" ? "function" : (JSON.stringify(value) ?? "undefined"));

/** A sentence where an error is none of the library's, or does not say what was wrong. */
function complaint(error: unknown): string | undefined {
  if (isOfSystem(error)) return undefined;
  if (!(error instanceof HeavyballError)) return String(error);
  return /undefined \(reading|is not a function|is not iterable|NaN$/.test(error.message) || error.message.length < 15
    ? `unclear: ${error.message}`
    : undefined;
}

/** Ends what a call has given: a promise is waited for, a generator begun, a resource disposed of. */
async function exhaust(given: unknown): Promise<void> {
  const result = await given;
  if (typeof result !== "object" || result === null) return;
  const { dispose, next } = result as { dispose?: () => unknown; next?: () => unknown };
  if (typeof next === "function") await next.call(result);
  if (typeof dispose === "function") await dispose.call(result);
}

/**
 * Calls a function with junk of all kinds. Returns a line for each call that ended in anything but a result or an error of the library
 * that says what was wrong.
 */
export async function complaintsAbout(name: string, call: (...given: unknown[]) => unknown): Promise<string[]> {
  const found: string[] = [];
  for (const given of ARGUMENTS) {
    try {
      await exhaust(call(...given));
    } catch (error) {
      const said = complaint(error);
      if (said !== undefined) found.push(`${name}(${given.map(show).join(", ")}): ${said}`);
    }
  }
  return found;
}

/** The functions among the exports of a module, classes excepted, and those among the members of objects that it exports. */
export function functionsOf(members: Readonly<Record<string, unknown>>, path = ""): [string, (...given: unknown[]) => unknown][] {
  return Object.entries(members).flatMap(([key, value]) => {
    const name = `${path}${key}`;
    if (typeof value === "object" && value !== null) return functionsOf(value as Record<string, unknown>, `${name}.`);
    if (typeof value !== "function" || /^class\b/.test(Function.prototype.toString.call(value))) return [];
    return [[name, value.bind(members) as (...given: unknown[]) => unknown]];
  });
}
