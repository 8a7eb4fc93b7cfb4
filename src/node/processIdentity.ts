import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * A process as others can recognize it later. Numbers of processes are used again, so the moment at which this one began belongs to it; a
 * machine that was started anew has none of its processes left.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's; "" where the system does not tell. */
  readonly began: string;
}

/** Where a process runs. What one place says about another's processes means nothing. */
export interface Place {
  readonly host: string;
  /** Changes with every start of the machine; "" where the system does not tell. */
  readonly boot: string;
  /** The space in which process numbers count: containers of one host have one each. "" where the system does not tell. */
  readonly numbers: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, began: readStatus(process.pid)?.began ?? "" };
}

export function ownPlace(): Place {
  return { host: hostname(), boot: readText("/proc/sys/kernel/random/boot_id"), numbers: readLink("/proc/self/ns/pid") };
}

/** Whether a process of this place still runs. In doubt it does. */
export function isRunning({ pid, began }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const status = readStatus(pid);
  if (status === undefined) return true;
  // A killed process keeps its number until its parent has asked for it.
  return !["Z", "X"].includes(status.state) && (began === "" || status.began === began);
}

/** From Linux's /proc/<pid>/stat: "pid (name) state ...", the beginning being the 22nd field. A name may hold blanks and brackets. */
function readStatus(pid: number): { state: string; began: string } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields.length >= 20 ? { state: fields[0], began: fields[19] } : undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
