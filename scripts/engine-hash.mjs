/** Prints the results of engine-job.mjs on the Node that runs it, one JSON line each. */
import * as heavyball from "../dist/index.js";
import { runJob } from "./engine-job.mjs";

await runJob(heavyball, (result) => console.log(JSON.stringify(result)));
