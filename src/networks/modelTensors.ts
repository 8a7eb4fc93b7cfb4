import { allocate } from "../boundary/allocate.js";
import { nearest } from "../boundary/nearest.js";
import { describeValue, FormatError, InvalidOptionError } from "../errors.js";
import type { Tensor } from "../formats/safetensors.js";
import { checkKnownOptions, checkObject } from "../validate.js";
import type { NetworkDescription } from "./describe.js";
import { describeTensors, type ParameterTensor } from "./parameterLayout.js";

/** Where a tensor of the layout stands in a file: its name there, and whether rows and columns have changed places (default: no). */
export interface TensorSource {
  readonly name: string;
  readonly transposed?: boolean;
}

type Names = Readonly<Record<string, string | TensorSource>>;

/** Throws InvalidOptionError for names that are none, and, where the network is known, for tensors that its layout does not have. */
export function checkTensorNames(names: unknown, description: NetworkDescription | undefined): void {
  const layout = description && describeTensors(description);
  for (const [name, source] of Object.entries(checkObject("names", names))) {
    const option = `names[${JSON.stringify(name)}]`;
    if (layout !== undefined) checkInLayout(option, name, source, layout);
    if (typeof source === "string") continue;
    const given = checkObject(option, source);
    checkKnownOptions(option, given, ["name", "transposed"]);
    if (typeof given.name !== "string") throw new InvalidOptionError(`${option}.name`, given.name, "the name of a tensor in the file");
    if (given.transposed !== undefined && typeof given.transposed !== "boolean")
      throw new InvalidOptionError(`${option}.transposed`, given.transposed, "true or false");
  }
}

function checkInLayout(option: string, name: string, source: unknown, layout: readonly ParameterTensor[]): void {
  const own = layout.map((tensor) => tensor.name);
  if (own.includes(name)) return;
  const near = nearest(name, own);
  const remedy = near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
  throw new InvalidOptionError(option, source, `left out: the network has no tensor of this name${remedy}`);
}

/** Where an element of a tensor stands in the file, and its type there. */
type PlaceOf = (name: string, at: number) => { readonly offset: number; readonly dtype: string };

/** The parameters in the public order, out of tensors by name. Throws FormatError, and InvalidOptionError for names not in the layout. */
export function gatherParameters(
  description: NetworkDescription,
  tensors: readonly Tensor[],
  { names = {}, extra = false, placeOf }: { readonly names?: Names; readonly extra?: boolean; readonly placeOf: PlaceOf },
): Float32Array {
  checkTensorNames(names, description);
  const left = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const layout = describeTensors(description);
  const parts = layout.map(({ name, shape, offset }) => {
    const given = Object.hasOwn(names, name) ? names[name] : name;
    const source = typeof given === "string" ? { name: given } : given;
    const tensor = left.get(source.name);
    if (!tensor) throw new FormatError("model", 8, `a tensor named ${JSON.stringify(source.name)}${found(tensors)}`);
    const wanted = source.transposed ? [...shape].reverse() : shape;
    if (tensor.shape.join() !== wanted.join()) {
      const its = `tensor ${JSON.stringify(source.name)} of shape`;
      const remedy = tensor.shape.join() === [...wanted].reverse().join() ? "; say in { names } whether it is transposed" : "";
      throw new FormatError("model", 8, `${its} ${wanted.join(" x ")}, not ${sizesOf(tensor.shape)}${remedy}`);
    }
    return { data: tensor.data, offset, shape, transposed: source.transposed ?? false, name: source.name };
  });
  for (const { name } of parts) left.delete(name);
  if (!extra && left.size > 0) {
    const [other] = left.keys();
    const more = left.size > 1 ? ` and ${left.size - 1} more` : "";
    throw new FormatError(
      "model",
      8,
      `no tensor that the network does not take, found ${JSON.stringify(other)}${more}; say { extra: true }`,
    );
  }
  for (const part of parts) refuseNotSingle(part, placeOf);
  const parameters = allocate(
    Float32Array,
    parts.reduce((sum, { data }) => sum + data.length, 0),
    "the parameters of a model",
  );
  for (const { data, offset, shape, transposed } of parts) {
    if (transposed && shape.length === 2) transpose(data, shape[0], shape[1], parameters.subarray(offset));
    else parameters.set(data, offset);
  }
  return parameters;
}

/** Throws FormatError for a number that is not finite in F32, which is what the network computes in. */
function refuseNotSingle({ name, data }: Pick<Tensor, "name" | "data">, placeOf: PlaceOf): void {
  for (let at = 0; at < data.length; at++) {
    if (Number.isFinite(Math.fround(data[at]))) continue;
    const { offset, dtype } = placeOf(name, at);
    const why = Number.isFinite(data[at]) ? ", which F32 cannot hold" : "";
    throw new FormatError("model", offset, `a finite number in tensor ${JSON.stringify(name)}, found ${data[at]} (${dtype})${why}`);
  }
}

/** Out of (columns x rows) to (rows x columns). */
function transpose(data: Tensor["data"], rows: number, columns: number, out: Float32Array): void {
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[row * columns + column] = data[column * rows + row];
}

/** A few of the names that are there. */
function found(tensors: readonly Tensor[]): string {
  if (tensors.length === 0) return ", found none";
  const some = tensors.slice(0, 4).map(({ name }) => describeValue(name));
  return `, found ${some.join(", ")}${tensors.length > some.length ? ", ..." : ""}`;
}

/** Sizes as "3 x 4", a few of them. */
function sizesOf(shape: readonly number[]): string {
  return shape.length <= 4 ? shape.join(" x ") : describeValue(shape);
}
