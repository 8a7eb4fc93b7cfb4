import { parentPort } from "node:worker_threads";
import { serveTrial } from "../trials/away/serveTrial.js";

/** Entry of the thread of a trial in Node (`heavyball/trial-worker`): what it is to run comes in messages. */
const port = parentPort;
if (port !== null) serveTrial({ post: (message) => port.postMessage(message), listen: (hear) => void port.on("message", hear) });
