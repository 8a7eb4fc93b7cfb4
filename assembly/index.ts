/** The export table: everything the host may call. Functions take addresses and sizes; there is no state, no allocation and no data. */
export { lead, serve } from "./team/serve";
export { addRowSums } from "./network/update";
export { addToLongSum } from "./dense/longSum";
export { packCasePanels } from "./dense/pack";
export { layoutOf, packTransposedAll, productBackward, productForward, productGradient, repeatTile } from "./products";
export { writeMathConstants } from "./math/constants";
export { mathMap, philox4x32 } from "./math/exports";
export { combine, dot, inversePower } from "./optimize/vectors";
