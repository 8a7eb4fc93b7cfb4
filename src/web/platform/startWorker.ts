import { scriptOf } from "../../runtime/dataAddress.js";
import { checkWorker, type EitherWorker } from "../../runtime/eitherWorker.js";
import type { WorkerSource } from "../../runtime/platform.js";

/** Addresses under which scripts are the page's own, wherever their text has come from. */
const addresses = new Map<string, string>();

function addressOf(script: string): string {
  const address = addresses.get(script) ?? URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  addresses.set(script, address);
  return address;
}

/**
 * A module Worker from wherever the caller says; of the library's `own` script where nothing is said. Throws InvalidOptionError for a
 * function that makes none, and what the engine throws.
 */
export function startWorker(source: WorkerSource | undefined, own: () => string): EitherWorker {
  if (typeof source === "function") return checkWorker(source());
  const script = source === undefined ? own() : scriptOf(String(source));
  return new Worker(script === undefined ? source! : addressOf(script), { type: "module" });
}

/**
 * What helps where a Worker cannot be loaded, by where it was to come from and what was thrown, if anything: the option of `call` that
 * takes the address of `file`.
 */
export function workerRemedy(source: WorkerSource | undefined, error: unknown, call: string, file: string): string {
  // Where a policy asks for Trusted Types, text is no address: of an address that is text a Worker throws a TypeError for nothing else.
  if (typeof source !== "function" && error instanceof TypeError && "trustedTypes" in globalThis) {
    const made = `() => new Worker(policy.createScriptURL(address), { type: "module" }), the address that of ${file}`;
    return `pass ${call}({ worker }) a function, since this page's policy asks for Trusted Types: ${made}`;
  }
  const pass = `pass ${call}({ worker }) the address of ${file}`;
  if (source === undefined) return `let the content security policy have worker-src blob:, or ${pass}`;
  return `${pass}, on the page's own origin and served with its headers`;
}
