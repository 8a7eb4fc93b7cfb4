/** What heavyball adds in Node: `import { ... } from "heavyball/node"`. */
export { dataFiles } from "./dataFiles.js";
export { DownloadError } from "./downloadError.js";
export type { FetchDataOptions, FetchedFile } from "./fetchData.js";
export { fetchData } from "./fetchData.js";
export { fileStore } from "./fileStore.js";
export { loadModelFile, saveModelFile } from "./modelFile.js";
export { readMnist } from "./readMnist.js";
