import { isUint8Array } from "../../boundary/realm.js";
import { FormatError } from "../../errors.js";
import { gunzip, isGzip } from "../../formats/gunzip.js";
import { readIdx } from "../../formats/idx.js";
import type { PublishedFile } from "../published.js";

/** Bytes that a compressed file may become; MNIST's largest becomes 47 million. */
const MOST_BYTES = 2 ** 29;
/** Pixels of an image's height and width. */
const SIDE = 28;

/** What tells one of the files from the others. */
interface MnistFile {
  readonly plain: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly plainSha256: string;
  readonly holds: string;
  readonly cases: number;
}

function images(file: MnistFile): PublishedFile {
  return published(file, 3);
}

function labels(file: MnistFile, of: PublishedFile): PublishedFile {
  return { ...published(file, 1), sameCasesAs: of.name };
}

/** A file of `dimensions`, of images three and of labels one. */
function published(file: MnistFile, dimensions: 1 | 3): PublishedFile {
  return {
    name: `${file.plain}.gz`,
    ...file,
    isNeeded: dimensions === 3,
    async describe(content, path) {
      const { shape, data } = readIdx(isGzip(content) ? await gunzip(content, MOST_BYTES, path) : content, path);
      if (!isUint8Array(data)) throw new FormatError(path, 2, "an IDX file of bytes, found numbers of another kind");
      if (shape.length !== dimensions) throw new FormatError(path, 3, `${dimensions} as the number of dimensions, found ${shape.length}`);
      // As the task wants them.
      const [cases, ...sides] = shape;
      if (cases === 0) throw new FormatError(path, 4, `at least one ${dimensions === 3 ? "image" : "label"}, found none`);
      if (sides.some((side) => side !== SIDE))
        throw new FormatError(path, 8, `images of ${SIDE} x ${SIDE} pixels, found ${sides.join(" x ")}`);
      return { words: `an IDX file of ${shape.join(" x ")} bytes`, cases };
    },
  };
}

const trainImages = images({
  plain: "train-images-idx3-ubyte",
  bytes: 9_912_422,
  sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
  plainSha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  holds: "60,000 images to train on",
  cases: 60_000,
});
const testImages = images({
  plain: "t10k-images-idx3-ubyte",
  bytes: 1_648_877,
  sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
  plainSha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  holds: "10,000 images to test on",
  cases: 10_000,
});

/** The four files of MNIST; the names are those of Fashion-MNIST and others too. */
export const publishedMnist = [
  trainImages,
  labels(
    {
      plain: "train-labels-idx1-ubyte",
      bytes: 28_881,
      sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      plainSha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      holds: "their digits",
      cases: 60_000,
    },
    trainImages,
  ),
  testImages,
  labels(
    {
      plain: "t10k-labels-idx1-ubyte",
      bytes: 4542,
      sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
      plainSha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
      holds: "their digits",
      cases: 10_000,
    },
    testImages,
  ),
] as const;

/** What `dataDigest` makes of their images, by which records say what they were trained on. */
export const publishedMnistDigest = "55733aabe72ed0947423c4994a8bf03f6b48849af338f31a7b4e96398a3ae9fd";
