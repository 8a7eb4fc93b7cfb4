/**
 * What heavyball adds in browsers: `import { ... } from "heavyball/web"`.
 *
 * @module heavyball/web
 */
export { browserStore } from "./browserStore.js";
export { inWorker } from "./inWorker.js";
