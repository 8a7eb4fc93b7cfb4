/** Posts the results of engine-job.mjs from a browser's module worker, then null or the error's text. */
import * as heavyball from "../dist/index.js";
import { runJob } from "./engine-job.mjs";

runJob(heavyball, (result) => postMessage({ result })).then(
  () => postMessage({ done: true }),
  (error) => postMessage({ done: true, error: String(error?.stack ?? error) }),
);
