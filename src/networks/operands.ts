import type { Arena, KernelMemory } from "../runtime/memory.js";
import { ACTIVATION_CODE, HEADER_WORDS, RECORD_WORDS, paddingStart } from "./blocks.js";
import type { Activation, Loss } from "./describe.js";
import type { ParameterLayout } from "./parameterLayout.js";

/**
 * What the products read of a network's parameters: the packed point, its transposed operand and the biases that tiles start from. One set a network,
 * which all its workspaces share, so that packing a point reaches every batch that is staged.
 */
export class Operands {
  /** Address of the packed point, a block in the order of the parameters. */
  readonly point: number;
  /** Address of a descriptor without buffers for cases (assembly/network/descriptor.ts): all that packing needs. */
  readonly descriptor: number;
  /** Its words, from which workspaces make their own. */
  readonly words: readonly number[];

  constructor(memory: KernelMemory, arena: Arena, layout: ParameterLayout, activations: readonly Activation[], loss: Loss) {
    const { layers, blockBytes, transposedBytes } = layout;
    const point = arena.allocate(blockBytes, "the network's packed parameters");
    const transposed = arena.allocate(transposedBytes, "the network's transposed parameters");
    this.point = point;
    const words = new Array<number>(HEADER_WORDS + layers.length * RECORD_WORDS).fill(0);
    words.splice(0, 4, layers.length, loss === "crossEntropy" ? 1 : 0, point, transposed);
    layers.forEach(({ inputs, outputs, weights, biases, transposed: offset }, l) => {
      const columns = Math.ceil(outputs / 8) * 8;
      const starts = arena.allocate(columns * 4, "biases");
      const activation = activations[l]!;
      memory.f32.fill(paddingStart(activation), (starts >>> 2) + outputs, (starts >>> 2) + columns);
      words.splice(HEADER_WORDS + l * RECORD_WORDS, 7, inputs, outputs, ACTIVATION_CODE[activation], weights, biases, offset, starts);
    });
    this.words = words;
    this.descriptor = arena.allocate(words.length * 4, "the network's descriptor");
    memory.i32.set(words, this.descriptor >>> 2);
  }
}
