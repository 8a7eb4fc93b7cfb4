import { allocate } from "../../boundary/allocate.js";
import { isArray, isNumberList, isRecord } from "../../boundary/realm.js";
import { InvalidOptionError, ShapeError } from "../../errors.js";
import type { MatArray } from "../../formats/mat.js";
import { checkKnownOptions } from "../../validate.js";

/** People, photographs of each, and pixels along a side of one: the Olivetti faces. */
export const PEOPLE = 40;
export const PHOTOGRAPHS = 10;
export const SIDE = 64;

const IMAGES = PEOPLE * PHOTOGRAPHS;
const PIXELS = SIDE * SIDE;

/** The variable of the file in which the photographs are. */
export const VARIABLE = "faces";

/** The photographs as `readMat` gives them of the published file. */
export interface Photographs {
  readonly [VARIABLE]: MatArray;
}

/**
 * Checks photographs as `readMat` gives them: 4096 x 400, each column a photograph whose pixels run down its columns, of gray levels from 0
 * to 255, ten of one person after another. Throws InvalidOptionError and ShapeError under the name `option`.
 */
export function checkPhotographs(option: string, given: unknown): MatArray {
  if (!isRecord(given)) throw new InvalidOptionError(option, given, "an array of photographs, as readMat(bytes) gives it");
  checkKnownOptions(option, given, ["shape", "data"]);
  const { shape, data } = given;
  const isShaped = isArray(shape) && shape.length === 2 && shape[0] === PIXELS && shape[1] === IMAGES;
  if (!isShaped)
    throw new InvalidOptionError(`${option}.shape`, shape, `[${PIXELS}, ${IMAGES}]: a photograph of ${SIDE} x ${SIDE} a column`);
  if (!isNumberList(data) || isArray(data)) throw new InvalidOptionError(`${option}.data`, data, "a typed array of numbers");
  if (data.length !== PIXELS * IMAGES) throw new ShapeError(`${option}.data.length`, data.length, `${PIXELS * IMAGES}`);
  const numbers = data as MatArray["data"];
  const bad = numbers.findIndex((level: number) => !(level >= 0 && level <= 255));
  if (bad >= 0) throw new InvalidOptionError(`${option}.data[${bad}]`, numbers[bad], "a gray level from 0 to 255");
  const first = numbers[0];
  if (numbers.every((level: number) => level === first))
    throw new InvalidOptionError(`${option}.data`, `${first} in every pixel`, "photographs in which something is to be seen");
  return { shape: [PIXELS, IMAGES], data: numbers };
}

/** The photographs one after another, each 64 x 64, row-major; gray levels from 0 to 255. Throws OutOfMemoryError. */
export function photographsOf({ data }: MatArray): Float32Array<ArrayBuffer> {
  const out = allocate(Float32Array, PIXELS * IMAGES, "the photographs");
  let to = 0;
  for (let image = 0; image < IMAGES; image++)
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++) out[to++] = data[(column * SIDE + row) * IMAGES + image];
  return out;
}
