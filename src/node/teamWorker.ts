import { parentPort, workerData } from "node:worker_threads";
import type { HelperStart } from "../runtime/platform.js";
import { joinTeam } from "../runtime/teamMember.js";

/** Entry of a helper thread in Node: the team to join is its data, or, where somebody else made the thread, the first message. */
const join = (start: HelperStart): void => joinTeam(start, () => parentPort?.postMessage("ready"));

if ((workerData as Partial<HelperStart> | undefined)?.memory !== undefined) join(workerData as HelperStart);
else parentPort?.once("message", join);
