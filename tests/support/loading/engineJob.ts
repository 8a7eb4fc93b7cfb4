/** The job of npm run test:engines, here and in a page without a bundler. */
import * as heavyball from "heavyball";
import { runJob } from "../../../scripts/engine-job.mjs";
import { MODULE_PAGE } from "./project.js";

export interface JobResult {
  /** The images' hash, in the first result. */
  readonly data?: string;
  readonly hash?: string;
  readonly threads?: number;
}

/** The hashes of the images and of the network that this Node trains on them. */
export async function jobInNode(): Promise<{ data: string; hash: string }> {
  const results: JobResult[] = [];
  await runJob(heavyball, (result: JobResult) => results.push(result), { kernels: ["simd"], teams: [2] });
  const [{ data }, { hash }] = results;
  return { data: data!, hash: hash! };
}

/** A page whose worker does the job with teams of these sizes, beside copies of `heavyball.js` and `engine-job.mjs`. */
export const jobPage = (teams: readonly number[]): Record<string, string> => ({
  "index.html": MODULE_PAGE,
  "page.js": `
const worker = new Worker("./worker.js", { type: "module" });
globalThis.results = new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => resolve({ job: data });
  worker.onerror = ({ message }) => reject(new Error(message));
});
`,
  "worker.js": `
import { runJob } from "./engine-job.mjs";
import * as heavyball from "./heavyball.js";
const job = [];
runJob(heavyball, (result) => job.push(result), { kernels: ["simd"], teams: ${JSON.stringify(teams)} }).then(
  () => postMessage(job),
  (error) => postMessage(String(error)),
);
`,
});
