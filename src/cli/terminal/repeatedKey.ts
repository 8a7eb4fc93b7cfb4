/** Strings, and what stands between values. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}:,]/g;

/** An object or a list that is open: the names that it has so far, and which member is being read. */
interface Open {
  readonly names: Set<string>;
  at: string | number;
}

/**
 * The path of the first name that an object of a JSON text has twice, as in `grid["optimizer.learningRate"]`; undefined where none has.
 * JSON.parse takes the last one and says nothing. The text must be JSON: then strings, brackets, colons and commas tell all.
 */
export function repeatedKey(json: string): string | undefined {
  const open: Open[] = [];
  let text = "";
  for (const [token] of json.matchAll(tokens)) {
    const here = open.at(-1);
    if (token === "{" || token === "[") open.push({ names: new Set(), at: token === "{" ? "" : 0 });
    else if (token === "}" || token === "]") open.pop();
    else if (token === ",") {
      if (typeof here?.at === "number") here.at++;
    } else if (token !== ":") text = token;
    else {
      // Names that are written in different ways may be the same.
      const name = JSON.parse(text) as string;
      here!.at = name;
      if (here!.names.has(name)) return pathOf(open.map(({ at }) => at));
      here!.names.add(name);
    }
  }
  return undefined;
}

function pathOf(steps: readonly (string | number)[]): string {
  const words = steps.map((step) => (typeof step === "string" && /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`));
  return words.join("").replace(/^\./, "");
}
