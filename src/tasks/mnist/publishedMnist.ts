import { isUint8Array } from "../../boundary/realm.js";
import { FormatError } from "../../errors.js";
import { gunzip, isGzip } from "../../formats/gunzip.js";
import { readIdx } from "../../formats/idx.js";
import type { PublishedFile } from "../published.js";

/** Bytes that a compressed file may become; MNIST's largest becomes 47 million. */
const MOST_BYTES = 2 ** 29;
/** Pixels of an image's height and width. */
const SIDE = 28;

/** A file of `dimensions`, of images three and of labels one. */
function published(plain: string, bytes: number, sha256: string, holds: string, dimensions: 1 | 3): PublishedFile {
  return {
    name: `${plain}.gz`,
    plain,
    bytes,
    sha256,
    holds,
    isNeeded: dimensions === 3,
    async describe(content, file) {
      const { shape, data } = readIdx(isGzip(content) ? await gunzip(content, MOST_BYTES, file) : content, file);
      if (!isUint8Array(data)) throw new FormatError(file, 2, "an IDX file of bytes, found numbers of another kind");
      if (shape.length !== dimensions) throw new FormatError(file, 3, `${dimensions} as the number of dimensions, found ${shape.length}`);
      // As the task wants them.
      const [cases, ...sides] = shape;
      if (cases === 0) throw new FormatError(file, 4, `at least one ${dimensions === 3 ? "image" : "label"}, found none`);
      if (sides.some((side) => side !== SIDE))
        throw new FormatError(file, 8, `images of ${SIDE} x ${SIDE} pixels, found ${sides.join(" x ")}`);
      return `an IDX file of ${shape.join(" x ")} bytes`;
    },
  };
}

/** The four files of MNIST; the names are those of Fashion-MNIST and others too. */
export const publishedMnist = [
  published(
    "train-images-idx3-ubyte",
    9_912_422,
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "60,000 images to train on",
    3,
  ),
  published("train-labels-idx1-ubyte", 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", "their digits", 1),
  published(
    "t10k-images-idx3-ubyte",
    1_648_877,
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "10,000 images to test on",
    3,
  ),
  published("t10k-labels-idx1-ubyte", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", "their digits", 1),
] as const;
