import {
  LAYER_ACTIVATION,
  LAYER_BIASES,
  LAYER_INPUTS,
  LAYER_OUTPUTS,
  LAYER_STARTS,
  LAYER_TRANSPOSED,
  LAYER_WEIGHTS,
  LOSS,
  LOSS_CROSS_ENTROPY,
  LOSS_SQUARED,
  POINT,
  TRANSPOSED,
} from "../abi/descriptor.js";
import type { Arena, KernelMemory } from "../runtime/memory.js";
import { ACTIVATION_CODE, paddingStart } from "./blocks.js";
import type { Activation, Loss } from "./describe.js";
import { DescriptorWords } from "./descriptorWords.js";
import type { ParameterLayout } from "./parameterLayout.js";

/**
 * What the products read of a network's parameters: the packed point, its transposed operand and the biases that tiles start from. One set
 * a network, which all its workspaces share, so that packing a point reaches every batch that is staged.
 */
export class Operands {
  /** Address of the packed point, a block in the order of the parameters. */
  readonly point: number;
  /** Address of a descriptor without buffers for cases (abi/descriptor.ts): all that packing needs. */
  readonly descriptor: number;
  /** Its words, from which workspaces make their own. */
  readonly words: DescriptorWords;

  constructor(memory: KernelMemory, arena: Arena, layout: ParameterLayout, activations: readonly Activation[], loss: Loss) {
    const { layers, blockBytes, transposedBytes } = layout;
    const point = arena.allocate(blockBytes, "the network's packed parameters");
    const transposed = arena.allocate(transposedBytes, "the network's transposed parameters");
    this.point = point;
    const words = DescriptorWords.forLayers(layers.length);
    words.set(LOSS, loss === "crossEntropy" ? LOSS_CROSS_ENTROPY : LOSS_SQUARED);
    words.set(POINT, point);
    words.set(TRANSPOSED, transposed);
    layers.forEach(({ inputs, outputs, weights, biases, transposed: offset }, l) => {
      const columns = Math.ceil(outputs / 8) * 8;
      const starts = arena.allocate(columns * 4, "biases");
      const activation = activations[l];
      memory.f32.fill(paddingStart(activation), (starts >>> 2) + outputs, (starts >>> 2) + columns);
      words.setLayer(l, LAYER_INPUTS, inputs);
      words.setLayer(l, LAYER_OUTPUTS, outputs);
      words.setLayer(l, LAYER_ACTIVATION, ACTIVATION_CODE[activation]);
      words.setLayer(l, LAYER_WEIGHTS, weights);
      words.setLayer(l, LAYER_BIASES, biases);
      words.setLayer(l, LAYER_TRANSPOSED, offset);
      words.setLayer(l, LAYER_STARTS, starts);
    });
    this.words = words;
    this.descriptor = arena.allocate(words.bytes, "the network's descriptor");
    memory.i32.set(words.words, this.descriptor >>> 2);
  }
}
