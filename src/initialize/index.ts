export { spectralRadius } from "../math/spectralRadius.js";
export { checkInitialization } from "./check.js";
export { dense } from "./dense.js";
export { echoState } from "./echoState.js";
export { echoStateValues, type RecurrentShape } from "./echoStateValues.js";
export { initialValues } from "./initialValues.js";
export { sparse } from "./sparse.js";
export type * from "./types.js";
