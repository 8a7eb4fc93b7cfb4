/** A spec, or a part of one, that has not been checked. */
export type Json = Record<string, unknown>;

/** The members that are not undefined. */
export function present(values: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** A copy of `object` in which the parts at these paths, as in "damping.initial", have these values. */
export function withPaths(object: Json, changes: readonly { readonly path: string; readonly value: unknown }[]): Json {
  return changes.reduce((changed, { path, value }) => withPath(changed, path.split("."), value), object);
}

function withPath(object: Json, [name, ...rest]: readonly string[], value: unknown): Json {
  if (rest.length === 0) return { ...object, [name]: value };
  const part = object[name];
  const isObject = typeof part === "object" && part !== null && !Array.isArray(part);
  return { ...object, [name]: withPath(isObject ? (part as Json) : {}, rest, value) };
}
