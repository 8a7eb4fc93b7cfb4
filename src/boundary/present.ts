/**
 * The members that are not undefined, in their order: what becomes JSON, a spec or a record has no others.
 *
 *     present({ name, seed: undefined })        { name }
 */
export function present<T extends object>(members: T): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}
