import { allocate } from "../../boundary/allocate.js";
import { FormatError, InvalidOptionError } from "../../errors.js";
import { type CsvOptions, type CsvTable, readCsv } from "../../formats/csv.js";
import { CsvClasses } from "../../formats/csvClasses.js";
import { gunzip, isGzip } from "../../formats/gunzip.js";
import { type IdxArray, readIdx } from "../../formats/idx.js";
import { type NpyArray, readNpy } from "../../formats/npy.js";
import type { DataFiles } from "../dataFiles.js";
import type { DataArrays } from "./arrays.js";

/** What of a task's description says how its files are read. */
export interface ReadingOptions {
  readonly predict: "classes" | "numbers";
  readonly label?: string | number;
}

const tables = /\.(csv|tsv)(\.gz)?$/i;
/** Text may be a table, if nothing else is; beside data it is about them. */
const texts = /\.txt(\.gz)?$/i;
/** Names of arrays of inputs and of targets, without endings; of several the first that is there. */
const inputNames = ["inputs", "x", "features", "train-images-idx3-ubyte"];
const targetNames = ["targets", "labels", "y", "train-labels-idx1-ubyte"];
const endings = [".npy", ".idx", "", ".npy.gz", ".idx.gz", ".gz"];
/** What to do where these are no classes. */
const forNumbers = 'for numbers, predict "numbers"';
/** Bytes that a compressed file may become. */
const mostBytes = 2 ** 31;

/**
 * Data from a table, or from two arrays beside each other: inputs (cases x features, of images cases x rows x columns) and targets, which
 * for classes are one label a case or one-hot, and for numbers one or more a case.
 *
 * Throws InvalidOptionError where no such files are there or the label is no column, FormatError naming the file for what is wrong with
 * one, OutOfMemoryError.
 */
export async function readDataFiles(files: DataFiles, options: ReadingOptions): Promise<DataArrays> {
  const names = await files.names();
  const inputs = pick(names, inputNames);
  const targets = pick(names, targetNames);
  const proper = names.filter((name) => tables.test(name));
  const found = proper.length > 0 || (inputs !== undefined && targets !== undefined) ? proper : names.filter((name) => texts.test(name));
  if (found.length > 1) {
    throw new InvalidOptionError("data", files.place, `one table, or the path of one of them: there are ${found.slice(0, 5).join(", ")}`);
  }
  if (found.length === 1) return readTable(await bytesOf(files, found[0]), files.path(found[0]), options);
  if (inputs === undefined || targets === undefined) {
    const wanted = "a table (.csv, .tsv), or inputs and targets as arrays: inputs.npy and targets.npy, or IDX files";
    throw new InvalidOptionError("data", files.place, `where there is ${wanted}; there is ${names.slice(0, 8).join(", ") || "nothing"}`);
  }
  if (options.label !== undefined)
    throw new InvalidOptionError("task.label", options.label, `left out: ${inputs} has no columns with names`);
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
  const isNpy = bytes[0] === 0x93 || /\.npy(\.gz)?$/i.test(name);
  const { shape, data } = isNpy ? readNpy(bytes, file) : readIdx(bytes, file);
  if (shape.length === 0 || shape[0] < 2 || data.length === 0)
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
  if (bad >= 0) throw new FormatError(targets.file, 0, `whole numbers as labels, found ${labels[bad]}; ${forNumbers}`);
  return { ...data, ...oneHot(labels, targets.file) };
}

function finite({ data, file }: ArrayFile): Float32Array {
  const values = allocate(Float32Array, data.length, `the numbers of ${file}`);
  values.set(data);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new FormatError(file, 0, `numbers that f32 holds, found ${data[bad]} as number ${bad}`);
  return values;
}

function readTable(bytes: Uint8Array, file: string, { predict, label = -1 }: ReadingOptions): DataArrays {
  const { inputs, targets, cases, classes } = columnsOf(bytes, file, predict === "classes" ? { label } : { target: label });
  if (predict === "numbers") return { inputs, targets: targets!, cases };
  if (classes!.length < 2) throw new FormatError(file, 0, `labels of at least two classes; ${forNumbers}`);
  return { inputs, targets: targets!, cases, classes: classes! };
}

/** A table whose label or target is a part of the task. */
function columnsOf(bytes: Uint8Array, file: string, options: CsvOptions): CsvTable {
  try {
    return readCsv(bytes, { ...options, file });
  } catch (error) {
    throw error instanceof InvalidOptionError ? new InvalidOptionError("task.label", error.value, `${error.allowed}, in ${file}`) : error;
  }
}

/** Whole numbers as classes in order of size, and one-hot targets. */
function oneHot(labels: Float32Array, file: string): { classes: readonly string[]; targets: Float32Array } {
  const found = new CsvClasses(undefined);
  for (const label of labels) {
    const wrong = found.add(String(label));
    if (wrong !== undefined) throw new FormatError(file, 0, `${wrong}; ${forNumbers}`);
  }
  const { classes, targets } = found.finish();
  if (classes.length < 2) throw new FormatError(file, 0, `labels of at least two classes, found ${classes.length}; ${forNumbers}`);
  return { classes, targets };
}
