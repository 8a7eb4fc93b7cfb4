import { readFileSync } from "node:fs";
import * as os from "node:os";
import { setFlagsFromString } from "node:v8";
import { MAXIMUM_MEMBERS } from "../abi/control.js";
import { InvalidOptionError } from "../errors.js";
import { chooseWide, type Fusing, wideBytes } from "../runtime/chooseWide.js";
import type { EitherWorker } from "../runtime/eitherWorker.js";
import { source as ownHelper } from "../runtime/embedded/nodeHelper.js";
import { HelperFailure, joinedHelper } from "../runtime/helper.js";
import type { Helper, HelperStart, HostFacts, Platform, ThreadSupport, WorkerSource } from "../runtime/platform.js";
import { startWorker, workerRemedy } from "./platform/startWorker.js";

/**
 * Addresses that V8 reserves for a WebAssembly memory and for a thread, rounded up, in bytes: where they are limited, too many threads
 * abort the process.
 */
const MEMORY_RESERVE = 11 * 2 ** 30;
const THREAD_RESERVE = 2 ** 30;

const remedy = (error?: unknown): string => workerRemedy(error, "createRuntime", "heavyball/worker");

function threadSupport(): ThreadSupport {
  const cores = Math.min(os.availableParallelism(), MAXIMUM_MEMBERS);
  const room = threadsInAddressSpace();
  const limit = `the limit on address space (ulimit -v) has room for ${room} thread${room === 1 ? "" : "s"}; raise it for more`;
  if (room < cores) return { threads: room, reason: limit, most: room, limit };
  return { threads: cores, reason: `this machine offers ${cores} core${cores === 1 ? "" : "s"}`, most: room, limit };
}

/**
 * How many threads find room where the process has a limit on its address space (Linux); Infinity where there is none or nothing says so.
 */
function threadsInAddressSpace(): number {
  try {
    const limit = Number(/^Max address space +(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1] ?? Infinity);
    if (limit === Infinity) return Infinity;
    const taken = 1024 * Number(/^VmSize:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? 0);
    return 1 + Math.max(0, Math.floor((limit - taken - MEMORY_RESERVE) / THREAD_RESERVE));
  } catch {
    return Infinity;
  }
}

async function startHelper(start: HelperStart, source: WorkerSource | undefined): Promise<Helper> {
  let worker: EitherWorker;
  try {
    worker = startWorker(source, () => ownHelper);
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    throw new HelperFailure(String(error), remedy(error));
  }
  return joinedHelper(worker, start, remedy());
}

function describe(): HostFacts {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    system: `${os.platform()} ${os.arch()}`,
    processor: os.cpus()[0]?.model.trim() || "unknown processor",
    cores: os.availableParallelism(),
  };
}

/** The first Node whose V8 makes good use of the flag: the one before takes it and is slower. */
const FIRST_WIDE_NODE = 24;

function wideObstacle(): string | undefined {
  if (process.arch !== "x64") return `wide kernels need an x86-64 processor, and this is ${process.arch}`;
  if (Number.parseInt(process.versions.node, 10) < FIRST_WIDE_NODE)
    return `wide kernels need Node ${FIRST_WIDE_NODE} or later, and this is ${process.versions.node}`;
  if (process.versions.v8 === undefined) return "wide kernels need V8, which this engine is not";
  return undefined;
}

/** V8's revectorizer, for the whole process. */
const fusing: Fusing = {
  begin() {
    const obstacle = wideObstacle();
    if (obstacle !== undefined) return obstacle;
    try {
      setFlagsFromString("--experimental-wasm-revectorize");
      return undefined;
    } catch (error) {
      return `V8's flag could not be set: ${String(error)}`;
    }
  },
  end() {
    setFlagsFromString("--no-experimental-wasm-revectorize");
  },
};

/** Node, and engines that are like it: helper threads are worker_threads. */
export const platform: Platform = {
  threadSupport,
  startHelper,
  describe,
  wide: { obstacle: wideObstacle, choose: (wasm, memory) => chooseWide(fusing, wasm, memory), bytes: wideBytes },
};
