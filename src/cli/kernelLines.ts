import type { Runtime } from "../createRuntime.js";
import { couldBeWide } from "../runtime/chooseKernels.js";

/** What there is to say of wide kernels: why they that were asked for are not in use, or that they may be asked for. */
export function wideLines(runtime: Pick<Runtime, "kernels" | "kernelsReason" | "wide">, asked: string | undefined): string[] {
  if (asked === "wide") return runtime.wide ? [] : [`  ${runtime.kernelsReason}`];
  if (!couldBeWide(runtime)) return [];
  return [
    "  --kernels wide is available here: the same numbers, about 1.6 times as fast by an experimental flag of V8 (see heavyball bench)",
  ];
}
