import { checkOneOf } from "../validate.js";

/** A builder takes a description of its own method too, but no other's. */
export function checkMethod(option: string, { method }: Record<string, unknown>, own: string): void {
  if (method !== undefined) checkOneOf(`${option}.method`, method, [own]);
}
