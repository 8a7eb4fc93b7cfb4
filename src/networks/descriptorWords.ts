import { DESCRIPTOR_HEADER, LAYER_RECORD, LAYERS } from "../abi/descriptor.js";

/** The words of a network's descriptor (abi/descriptor.ts), by the names of their places. */
export class DescriptorWords {
  readonly words: Int32Array<ArrayBuffer>;

  private constructor(words: Int32Array<ArrayBuffer>) {
    this.words = words;
  }

  /** All 0 but the number of layers. */
  static forLayers(layers: number): DescriptorWords {
    const made = new DescriptorWords(new Int32Array((DESCRIPTOR_HEADER + layers * LAYER_RECORD) / 4));
    made.set(LAYERS, layers);
    return made;
  }

  copy(): DescriptorWords {
    return new DescriptorWords(this.words.slice());
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  set(place: number, value: number): void {
    this.words[place / 4] = value;
  }

  setLayer(layer: number, place: number, value: number): void {
    this.words[layerPlace(layer, place) / 4] = value;
  }
}

/** Where a word of a layer's record stands in a descriptor. */
export function layerPlace(layer: number, place: number): number {
  return DESCRIPTOR_HEADER + layer * LAYER_RECORD + place;
}
