import { arch, availableParallelism, cpus, platform } from "node:os";
import type { Runtime } from "../createRuntime.js";
import { packageVersion } from "./version.js";

/** What a result depends on besides its spec, and what its speed depends on. */
export interface MachineFacts {
  readonly heavyball: string;
  readonly kernels: string;
  readonly threads: number;
  readonly node: string;
  readonly v8: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
}

export function processorName(): string {
  return cpus()[0]?.model.trim() || "unknown processor";
}

export function machineFacts(runtime: Runtime): MachineFacts {
  return {
    heavyball: packageVersion(),
    kernels: runtime.kernels,
    threads: runtime.threads,
    node: process.versions.node,
    v8: process.versions.v8,
    system: `${platform()} ${arch()}`,
    processor: processorName(),
    cores: availableParallelism(),
  };
}

/** The same as names and values for the page. */
export function describeMachine(facts: MachineFacts): [string, string][] {
  return [
    ["heavyball", `${facts.heavyball}, ${facts.kernels} kernels, ${facts.threads === 1 ? "1 thread" : `${facts.threads} threads`}`],
    ["Engine", `Node ${facts.node}, V8 ${facts.v8}`],
    ["Processor", `${facts.processor}, ${facts.cores === 1 ? "1 core" : `${facts.cores} cores`}, ${facts.system}`],
  ];
}

/** The last line of a page. */
export function footer({ heavyball }: MachineFacts): string {
  return `Made by heavyball ${heavyball} on ${new Date().toISOString().slice(0, 10)}.`;
}
