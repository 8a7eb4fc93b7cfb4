import { exit } from "node:process";
import { parentPort } from "node:worker_threads";
import type { HelperStart } from "../runtime/platform.js";
import { joinTeam } from "../runtime/teamMember.js";

/** Entry of a helper thread in Node (`heavyball/worker`): the first message is the team to join. */
const port = parentPort;
port?.once("message", (start: HelperStart) => {
  joinTeam(start, () => port.postMessage("ready"));
  port.postMessage("left");
  // Whatever else the file listens to, this thread has nothing left to do.
  if ("close" in port) port.close();
  // Deno's ports of a parent cannot be closed.
  else exit();
});
