import { formatCountOf } from "../../report/text/format.js";
import type { LibraryFacts, MachineFacts } from "../../runtime/machineFacts.js";

/** The kernels that are or were in use. */
export function describeKernels({ kernels, wide }: Pick<MachineFacts, "kernels" | "wide">): string {
  return wide === true ? `wide kernels (the numbers of ${kernels})` : `${kernels} kernels`;
}

/** The machine as names and values for a page. */
export function describeMachine(facts: LibraryFacts | MachineFacts): [string, string][] {
  const { heavyball, node, v8, browser, processor, system, cores } = facts;
  const team = "kernels" in facts ? `, ${describeKernels(facts)}, ${formatCountOf(facts.threads, "thread")}` : "";
  const engine = node === undefined ? browser : `Node ${node}, V8 ${v8}`;
  const parts = [processor, formatCountOf(cores, "core"), system].filter((part) => part !== undefined);
  return [
    ["heavyball", `${heavyball}${team}`],
    ...(engine === undefined ? [] : [["Engine", engine] as [string, string]]),
    ["Processor", parts.join(", ")],
  ];
}

/** The last line of a page. */
export function footer({ heavyball }: LibraryFacts): string {
  return `Made by heavyball ${heavyball} on ${new Date().toISOString().slice(0, 10)}.`;
}
