/** What heavyball adds in Node: `import { ... } from "heavyball/node"`. */
export { loadModelFile, saveModelFile } from "./modelFile.js";
