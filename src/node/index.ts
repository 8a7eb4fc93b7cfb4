/**
 * What heavyball adds in Node: `import { ... } from "heavyball/node"`.
 *
 * @module heavyball/node
 */
export { dataFiles } from "./dataFiles.js";
export { DownloadError } from "./downloadError.js";
export type { FetchDataOptions, FetchedFile } from "./fetchData.js";
export { fetchData } from "./fetchData.js";
export { fileStore } from "./fileStore.js";
export { inWorker } from "./inWorker.js";
export type { LocalExecutorOptions } from "./localExecutor.js";
export { localExecutor } from "./localExecutor.js";
export { loadModelFile, saveModelFile } from "./modelFile.js";
export { readMnist } from "./readMnist.js";
export { sweepDirectory } from "./sweepDirectory.js";
