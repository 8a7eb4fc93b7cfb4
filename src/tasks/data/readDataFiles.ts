import { FormatError, InvalidOptionError } from "../../errors.js";
import { type CsvTable, readCsv } from "../../formats/csv.js";
import { gunzip, isGzip } from "../../formats/gunzip.js";
import { type IdxArray, readIdx } from "../../formats/idx.js";
import { type NpyArray, readNpy } from "../../formats/npy.js";
import type { DataFiles } from "../task.js";
import type { DataArrays } from "./arrays.js";

/** What of a task's description says how its files are read. */
export interface ReadingOptions {
  readonly predict: "classes" | "numbers";
  readonly label?: string | number;
}

const tables = /\.(csv|tsv|txt)$/i;
/** Names of arrays of inputs and of targets, without endings; of several the first that is there. */
const inputNames = ["inputs", "x", "features", "train-images-idx3-ubyte"];
const targetNames = ["targets", "labels", "y", "train-labels-idx1-ubyte"];
const endings = [".npy", ".idx", "", ".npy.gz", ".idx.gz", ".gz"];
/** Bytes that a compressed file may become. */
const mostBytes = 2 ** 31;
/** Classes beyond which a column of labels is none. */
const mostClasses = 10_000;

/**
 * Data from a table, or from two arrays beside each other: inputs (cases x features, of images cases x rows x columns) and targets, which
 * for classes are one label a case or one-hot, and for numbers one or more a case.
 *
 * Throws InvalidOptionError where no such files are there, FormatError naming the file for what is wrong with one.
 */
export async function readDataFiles(files: DataFiles, options: ReadingOptions): Promise<DataArrays> {
  const names = await files.names();
  const found = names.filter((name) => tables.test(name));
  if (found.length > 1) {
    throw new InvalidOptionError("data", files.place, `one table, or the path of one of them: there are ${found.slice(0, 5).join(", ")}`);
  }
  if (found.length === 1) return readTable(await bytesOf(files, found[0]), files.path(found[0]), options);
  const inputs = pick(names, inputNames);
  const targets = pick(names, targetNames);
  if (inputs === undefined || targets === undefined) {
    const wanted = "a table (.csv, .tsv), or inputs and targets as arrays: inputs.npy and targets.npy, or IDX files";
    throw new InvalidOptionError("data", files.place, `where there is ${wanted}; there is ${names.slice(0, 8).join(", ") || "nothing"}`);
  }
  const given = await readArray(files, inputs);
  return joined(given, await readArray(files, targets), options);
}

function pick(names: readonly string[], stems: readonly string[]): string | undefined {
  const lower = new Map(names.map((name) => [name.toLowerCase(), name]));
  for (const stem of stems) {
    for (const ending of endings) {
      const name = lower.get(`${stem}${ending}`);
      if (name !== undefined) return name;
    }
  }
  return undefined;
}

async function bytesOf(files: DataFiles, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await files.read(name);
  if (bytes === undefined) throw new InvalidOptionError("data", files.place, `where there is ${name}`);
  return isGzip(bytes) ? gunzip(bytes, mostBytes, files.path(name)) : bytes;
}

interface ArrayFile {
  readonly file: string;
  readonly shape: readonly number[];
  readonly data: IdxArray["data"] | NpyArray["data"];
}

async function readArray(files: DataFiles, name: string): Promise<ArrayFile> {
  const file = files.path(name);
  const bytes = await bytesOf(files, name);
  const { shape, data } = bytes[0] === 0x93 ? readNpy(bytes, file) : readIdx(bytes, file);
  if (shape.length === 0 || shape[0] < 2)
    throw new FormatError(file, 0, `an array of at least two cases, found the shape [${shape.join(", ")}]`);
  return { file, shape, data };
}

function joined(inputs: ArrayFile, targets: ArrayFile, { predict }: ReadingOptions): DataArrays {
  const cases = inputs.shape[0];
  if (targets.shape[0] !== cases)
    throw new FormatError(targets.file, 0, `${cases} cases, as many as in ${inputs.file}, found ${targets.shape[0]}`);
  const data = { inputs: finite(inputs), cases };
  const perCase = targets.data.length / cases;
  if (predict === "numbers" || perCase > 1) return { ...data, targets: finite(targets) };
  const labels = finite(targets);
  const bad = labels.findIndex((label) => !Number.isInteger(label));
  if (bad >= 0)
    throw new FormatError(targets.file, 0, `whole numbers as labels, found ${labels[bad]}; for numbers say task.predict "numbers"`);
  return { ...data, ...oneHot(Array.from(labels, String), targets.file, (a, b) => Number(a) - Number(b)) };
}

function finite({ data, file }: ArrayFile): Float32Array {
  const values = Float32Array.from(data);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new FormatError(file, 0, `numbers that f32 holds, found ${data[bad]} as number ${bad}`);
  return values;
}

function readTable(bytes: Uint8Array, file: string, { predict, label }: ReadingOptions): DataArrays {
  if (predict === "classes") return fromClasses(readCsv(bytes, { file, label: label ?? -1 }), file);
  const table = readCsv(bytes, { file });
  const last = label ?? table.columns.length - 1;
  const at = typeof last === "number" ? last : table.columns.indexOf(last);
  if (!(at >= 0 && at < table.columns.length))
    throw new InvalidOptionError("task.label", last, `a column of ${file}: ${table.columns.slice(0, 20).join(", ")}`);
  const width = table.columns.length;
  if (width < 2) throw new FormatError(file, 0, "a column of numbers beside the one that is predicted");
  const inputs = new Float32Array(table.rows * (width - 1));
  const targets = new Float32Array(table.rows);
  let to = 0;
  for (let from = 0; from < table.values.length; from++) {
    if (from % width === at) targets[Math.floor(from / width)] = table.values[from];
    else inputs[to++] = table.values[from];
  }
  return { inputs, targets, cases: table.rows };
}

function fromClasses({ values, rows, classes, targets }: CsvTable, file: string): DataArrays {
  if (classes === undefined || targets === undefined || classes.length < 2) {
    throw new FormatError(file, 0, 'labels of at least two classes; for numbers say task.predict "numbers"');
  }
  return { inputs: values, targets, cases: rows, classes };
}

/** Labels as classes in order, and one-hot targets. */
function oneHot(
  labels: readonly string[],
  file: string,
  order: (a: string, b: string) => number,
): { classes: string[]; targets: Float32Array } {
  const classes = [...new Set(labels)].sort(order);
  if (classes.length < 2 || classes.length > mostClasses) {
    throw new FormatError(
      file,
      0,
      `labels of 2 to ${mostClasses} classes, found ${classes.length}; for numbers say task.predict "numbers"`,
    );
  }
  const place = new Map(classes.map((name, at) => [name, at]));
  const targets = new Float32Array(labels.length * classes.length);
  labels.forEach((label, row) => {
    targets[row * classes.length + place.get(label)!] = 1;
  });
  return { classes, targets };
}
