/** Arguments of the curvature programs, in memory (assembly/network/curvaturePass.ts); offsets in bytes. */
export const V_FAMILY = 0; // 0 feed-forward, 1 recurrent
export const V_CHUNKS = 4;
export const V_RECORDS = 8; // address of the chunks' records
export const V_DIRECTION = 12; // block of v
export const V_PRODUCT = 16; // block that receives sum over cases of J'HJ v; the records name it too
export const V_STRUCTURAL = 20; // f32: weight of structural damping (recurrent/curvature.ts)
export const CURVATURE_ARGUMENTS = 64; // bytes of them

/** One record a chunk of cases, at V_RECORDS. */
export const RECORD_NETWORK = 0; // the chunk's descriptor
export const RECORD_CASES = 4;
export const RECORD_WEIGHTS = 32; // arguments of its weight phase (network/weights.ts)
export const CURVATURE_RECORD = 96;
