import { DESCRIPTOR_HEADER, LAYER_RECORD } from "../../src/abi/descriptor";

/** Address of a layer's record in a network's descriptor. */
// @ts-ignore: decorator
@inline
export function layerAt(network: usize, index: i32): usize {
  return network + DESCRIPTOR_HEADER + <usize>index * LAYER_RECORD;
}
