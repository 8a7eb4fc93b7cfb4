import { parentPort, workerData } from "node:worker_threads";
import type { HelperStart } from "../runtime/platform.js";
import { joinTeam } from "../runtime/teamMember.js";

/** Entry of a helper thread in Node. */
joinTeam(workerData as HelperStart, () => parentPort?.postMessage("ready"));
