import * as fc from "fast-check";
import { FormatError, HeavyballError, InvalidOptionError, writeNpy } from "heavyball";
import { describe, expect, it } from "vitest";
import { type ReadingOptions, readDataFiles } from "#internal/tasks/data/readDataFiles";
import { type Contents, gzipped, idxFile, memoryFiles } from "../support/dataFiles.js";
import { rejection } from "../support/failures.js";

type Files = Readonly<Record<string, Contents>>;

const classes: ReadingOptions = { predict: "classes" };
const numbers: ReadingOptions = { predict: "numbers" };
const read = (files: Files, options = classes) => readDataFiles(memoryFiles(files), options);

async function refused(files: Files, options = classes): Promise<InvalidOptionError> {
  const error = await rejection(read(files, options));
  expect(error).toBeInstanceOf(InvalidOptionError);
  return error as InvalidOptionError;
}

/** The error of a file with something wrong in it, which it names with the place. */
async function damaged(file: string, files: Files, options = classes): Promise<string> {
  const error = await rejection(read(files, options));
  expect(error).toBeInstanceOf(FormatError);
  expect((error as FormatError).file).toBe(`shelf/${file}`);
  expect(Number.isInteger((error as FormatError).offset)).toBe(true);
  expect(error.message).toContain(`shelf/${file}: at byte `);
  return error.message;
}

const IRIS = "length,width,species\n5,3.5,setosa\n7,3.25,versicolor\n4.5,3,setosa\n";
const iris = {
  inputs: Float32Array.of(5, 3.5, 7, 3.25, 4.5, 3),
  targets: Float32Array.of(1, 0, 0, 1, 1, 0),
  cases: 3,
  classes: ["setosa", "versicolor"],
};
const npy = (shape: number[], data: Parameters<typeof writeNpy>[0]["data"]) => writeNpy({ shape, data });
const inputs = npy([3, 2], iris.inputs);
const labels = npy([3], Uint8Array.of(7, 3, 7));
/** The iris, as arrays have it: classes in order of size, and labels 7, 3, 7. */
const arrays = { ...iris, targets: Float32Array.of(0, 1, 1, 0, 0, 1), classes: ["3", "7"] };

describe("a table", () => {
  it("has a header or none, and its label in the last column or where it is told", async () => {
    expect(await read({ "iris.csv": IRIS })).toEqual(iris);
    expect(await read({ "iris.csv": IRIS.slice(IRIS.indexOf("\n") + 1) })).toEqual(iris);
    expect(await read({ "iris.tsv": IRIS.replaceAll(",", "\t") })).toEqual(iris);
    const first = IRIS.replace(/^(.*),(.*),(.*)$/gm, "$3,$1,$2");
    for (const label of [0, "species"]) expect(await read({ "iris.csv": first }, { ...classes, label })).toEqual(iris);
  });

  it("has classes that are numbers, in order of size", async () => {
    expect(await read({ "t.csv": "1,10\n2,9\n3,10.0\n" })).toEqual({
      inputs: Float32Array.of(1, 2, 3),
      targets: Float32Array.of(0, 1, 1, 0, 0, 1),
      cases: 3,
      classes: ["9", "10"],
    });
  });

  it("has numbers to predict, in the last column or where it is told", async () => {
    const text = "a,b,c\n1,2,3\n4,5,6\n";
    const at = (label?: string | number) => read({ "t.csv": text }, { ...numbers, ...(label === undefined ? {} : { label }) });
    const last = { inputs: Float32Array.of(1, 2, 4, 5), targets: Float32Array.of(3, 6), cases: 2 };
    for (const label of [undefined, 2, "c"]) expect(await at(label)).toEqual(last);
    for (const label of [1, "b"])
      expect(await at(label)).toEqual({ inputs: Float32Array.of(1, 3, 4, 6), targets: Float32Array.of(2, 5), cases: 2 });
    // Names of columns may be numbers, as years are.
    const years = { inputs: Float32Array.of(2, 5), targets: Float32Array.of(1, 4), cases: 2 };
    expect(await read({ "t.csv": "2019,2020\n1,2\n4,5\n" }, { ...numbers, label: "2019" })).toEqual(years);
  });

  it("may be compressed, be called in capitals, and lie beside what is no table", async () => {
    expect(await read({ "iris.csv": await gzipped(IRIS) })).toEqual(iris);
    expect(await read({ "iris.csv.gz": await gzipped(IRIS) })).toEqual(iris);
    expect(await read({ "README.TXT": "About flowers.", "IRIS.CSV": IRIS, "notes.md": "" })).toEqual(iris);
    expect(await read({ "iris.txt": IRIS })).toEqual(iris);
  });

  it.each<[string, string, ReadingOptions, RegExp]>([
    ["no column of the label's name", IRIS, { ...classes, label: "kind" }, /^task\.label is "kind"; .*"species"/],
    ["no column of the label's number", IRIS, { ...classes, label: 3 }, /^task\.label is 3; /],
    [
      "no column of numbers of that name",
      "a,b\n1,2\n3,4",
      { ...numbers, label: "kind" },
      /^task\.label is "kind"; .*"a", "b", in shelf\/t\.csv$/,
    ],
    ["no column of numbers of that number", "a,b\n1,2\n3,4", { ...numbers, label: 2 }, /^task\.label is 2; .* from -2 to 1/],
    [
      "two columns of that name",
      "a,a,b\n1,2,3\n3,4,5",
      { ...numbers, label: "a" },
      /^task\.label is "a"; .* the place of a column, since several have this name, in shelf/,
    ],
  ])("is refused where there is %s", async (_, text, options, message) => {
    const error = await refused({ "t.csv": text }, options);
    expect(error.option).toBe("task.label");
    expect(error.message).toMatch(message);
  });

  it.each<[string, Contents, ReadingOptions, RegExp]>([
    ["nothing", "", classes, /at least one record/],
    ["a header alone", "a,b\n", classes, /at least one row/],
    ["a word among numbers", "a,b,c\n1,x,p\n2,3,q\n", classes, /a number such as -1\.5 in "b", found "x"/],
    ["NaN", "1,p\nNaN,q\n2,p\n", classes, /a number such as/],
    ["a number beyond f32", "1,p\n1e39,q\n", classes, /a number that f32 holds/],
    ["a short row", "1,2,p\n1,q\n", classes, /3 fields/],
    ["an empty label", "1,p\n2,\n", classes, /a label, found nothing/],
    ["one class only", "1,p\n2,p\n", classes, /at least two classes; for numbers, predict "numbers"/],
    ["measurements as labels", Array.from({ length: 1001 }, (_, i) => `1,${i}.5`).join("\n"), classes, /at most 1000 different labels/],
    ["labels alone", "p\nq\n", classes, /a column of numbers beside the labels/],
    ["targets alone", "1\n2\n", numbers, /a column of numbers beside the targets/],
    ["words to predict as numbers", IRIS, numbers, /a number such as -1\.5 in "species", found "setosa"; words are predicted as a label/],
    ["a compressed file cut short", Uint8Array.of(0x1f, 0x8b, 8, 0), classes, /gzip/],
  ])("is refused with %s, by file and byte", async (_, contents, options, message) => {
    expect(await damaged("t.csv", { "t.csv": contents }, options)).toMatch(message);
  });
});

describe("two arrays", () => {
  it("are .npy files: inputs, and labels or one-hot targets", async () => {
    expect(await read({ "inputs.npy": inputs, "labels.npy": labels })).toEqual(arrays);
    expect(await read({ "X.npy": inputs, "Y.NPY": npy([3, 1], Float64Array.of(7, 3, 7)) })).toEqual(arrays);
    const { classes: _, ...unnamed } = iris;
    expect(await read({ "inputs.npy": inputs, "targets.npy": npy([3, 2], iris.targets) })).toEqual(unnamed);
    expect(await read({ "inputs.npy": inputs, "labels.npy": npy([3], Int8Array.of(1, -1, 1)) })).toMatchObject({ classes: ["-1", "1"] });
  });

  it("are numbers to predict: one or more a case", async () => {
    const targets = Float64Array.of(0.5, 1.5, 2.5);
    const { inputs: values, cases } = iris;
    expect(await read({ "x.npy": inputs, "y.npy": npy([3], targets) }, numbers)).toEqual({
      inputs: values,
      cases,
      targets: Float32Array.from(targets),
    });
    expect(await read({ "x.npy": inputs, "y.npy": inputs }, numbers)).toEqual({ inputs: values, cases, targets: values });
  });

  it("are IDX files, as MNIST's are, compressed or not", async () => {
    const images = idxFile([3, 2, 1], [0, 255, 7, 8, 9, 10]);
    const digits = idxFile([3], [7, 3, 7]);
    const wanted = { ...arrays, inputs: Float32Array.of(0, 255, 7, 8, 9, 10) };
    expect(await read({ "train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": digits })).toEqual(wanted);
    expect(
      await read({
        "train-images-idx3-ubyte.gz": await gzipped(images),
        "train-labels-idx1-ubyte.gz": await gzipped(digits),
        "t10k-images-idx3-ubyte.gz": await gzipped("nobody reads this"),
      }),
    ).toEqual(wanted);
    expect(await read({ "inputs.idx": images, "labels.idx.gz": await gzipped(digits), "README.txt": "About." })).toEqual(wanted);
  });

  it("may be compressed, and of both kinds", async () => {
    expect(await read({ "inputs.npy.gz": await gzipped(inputs), "targets.idx": idxFile([3], [7, 3, 7]) })).toEqual(arrays);
  });

  it.each<[string, string, Files, ReadingOptions, RegExp]>([
    ["fewer labels", "labels.npy", { "labels.npy": npy([2], Uint8Array.of(1, 2)) }, classes, /3 cases, as many as in shelf\/inputs\.npy/],
    ["a label that is no whole number", "labels.npy", { "labels.npy": npy([3], Float32Array.of(1, 0.5, 2)) }, classes, /found 0\.5/],
    ["one class only", "labels.npy", { "labels.npy": npy([3], new Uint8Array(3)) }, classes, /at least two classes, found 1/],
    ["NaN in the inputs", "inputs.npy", { "inputs.npy": npy([3, 1], Float32Array.of(1, NaN, 2)) }, classes, /found NaN as number 1/],
    ["a number beyond f32", "inputs.npy", { "inputs.npy": npy([3, 1], Float64Array.of(1, 2, 1e39)) }, classes, /found 1e\+39 as number 2/],
    ["NaN in the targets", "labels.npy", { "labels.npy": npy([3], Float32Array.of(1, 2, NaN)) }, numbers, /found NaN as number 2/],
    ["a single case", "inputs.npy", { "inputs.npy": npy([1, 2], new Float32Array(2)) }, classes, /at least two cases/],
    ["a number without a shape", "inputs.npy", { "inputs.npy": npy([], new Float32Array(1)) }, classes, /at least two cases/],
    ["cases without features", "inputs.npy", { "inputs.npy": npy([3, 0], new Float32Array(0)) }, numbers, /found the shape \[3, 0\]/],
    ["text", "inputs.npy", { "inputs.npy": "hello" }, classes, /NUMPY/],
    ["nothing in a file", "labels.npy", { "labels.npy": "" }, classes, /NUMPY/],
  ])("are refused with %s, by file", async (_, file, files, options, message) => {
    expect(await damaged(file, { "inputs.npy": inputs, "labels.npy": labels, ...files }, options)).toMatch(message);
  });

  it("are refused with more labels than classes can have", async () => {
    const many = Uint16Array.from({ length: 1001 }, (_, label) => label);
    const files = { "x.npy": npy([1001, 1], new Float32Array(1001)), "y.npy": npy([1001], many) };
    expect(await damaged("y.npy", files)).toMatch(/at most 1000 different labels.*predict "numbers"/);
    expect((await read(files, numbers)).cases).toBe(1001);
    const most = { "x.npy": npy([1000, 1], new Float32Array(1000)), "y.npy": npy([1000], many.slice(0, 1000)) };
    expect((await read(most)).classes).toHaveLength(1000);
  });
});

describe("files that are not there", () => {
  it.each<[string, Files, RegExp]>([
    ["nothing", {}, /where there is a table \(\.csv, \.tsv\), or inputs and targets.* there is nothing$/],
    ["inputs alone", { "inputs.npy": inputs }, /there is inputs\.npy$/],
    ["labels alone", { "labels.npy": labels }, /there is labels\.npy$/],
    ["other files", { "model.bin": "x" }, /there is model\.bin$/],
    ["several tables", { "a.csv": IRIS, "b.tsv": IRIS }, /one table, or the path of one of them: there are a\.csv, b\.tsv$/],
  ])("are asked for, with %s", async (_, files, message) => {
    const error = await refused(files);
    expect(error.option).toBe("data");
    expect(error.value).toBe("shelf");
    expect(error.message).toMatch(message);
  });

  it("may go away while they are read", async () => {
    const files = { ...memoryFiles({ "iris.csv": IRIS }), read: async () => undefined };
    const error = await rejection(readDataFiles(files, classes));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error.message).toMatch(/^data is "shelf"; .*iris\.csv/);
  });
});

describe("anything at all in files", () => {
  /** Whether it is read; every error is one of the library's, and what is read is whole and no larger than files can hold. */
  async function endsWell(files: Files, options: ReadingOptions): Promise<void> {
    let made: Awaited<ReturnType<typeof read>>;
    try {
      made = await read(files, options);
    } catch (error) {
      if (!(error instanceof HeavyballError)) throw error;
      expect(error.message.length).toBeLessThan(4000);
      if (error instanceof FormatError) expect(Number.isFinite(error.offset)).toBe(true);
      return;
    }
    const bytes = Object.values(files).reduce((sum, contents) => sum + contents.length, 0);
    expect(made.inputs.length % made.cases).toBe(0);
    expect(made.targets.length % made.cases).toBe(0);
    expect(made.inputs.length).toBeLessThanOrEqual(bytes);
    expect(made.targets.length).toBeLessThanOrEqual(bytes * Math.max(1, made.classes?.length ?? 1));
    expect([...made.inputs, ...made.targets].every(Number.isFinite)).toBe(true);
  }

  const anyOptions: fc.Arbitrary<ReadingOptions> = fc.record(
    { predict: fc.constantFrom("classes", "numbers"), label: fc.constantFrom<string | number>(0, 1, 9, "species", "") },
    { requiredKeys: ["predict"] },
  );
  const whole = {
    "iris.csv": new TextEncoder().encode(IRIS),
    "inputs.npy": inputs,
    "labels.npy": labels,
    "x.idx": idxFile([3, 2, 1], [0, 255, 7, 8, 9, 10]),
    "y.idx": idxFile([3], [7, 3, 7]),
  } as const;
  /** Files that make data, with one of them to be damaged. */
  const sets: readonly (readonly (keyof typeof whole)[])[] = [["iris.csv"], ["inputs.npy", "labels.npy"], ["x.idx", "y.idx"]];
  const anySet = fc.constantFrom(...sets.flatMap((names) => names.map((name) => [names, name] as const)));
  const withDamage = (names: readonly (keyof typeof whole)[], name: keyof typeof whole, bytes: Uint8Array): Files => ({
    ...Object.fromEntries(names.map((other) => [other, whole[other]])),
    [name]: bytes,
  });

  it("is read or refused: cut short", async () => {
    for (const [names, name] of sets.flatMap((set) => set.map((one) => [set, one] as const)))
      for (let length = 0; length < whole[name].length; length++)
        for (const options of [classes, numbers]) await endsWell(withDamage(names, name, whole[name].subarray(0, length)), options);
  });

  it("is read or refused: with flipped bits", async () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anySet, flips, anyOptions, async ([names, name], bits, options) => {
        const bytes = whole[name].slice();
        for (const [at, bit] of bits) bytes[at % bytes.length] ^= 1 << bit;
        await endsWell(withDamage(names, name, bytes), options);
      }),
      { numRuns: 500 },
    );
  });

  it("is read or refused: junk, also as text and compressed", async () => {
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ maxLength: 200 }).map((text) => new TextEncoder().encode(text)),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.of(0x1f, 0x8b, 8, ...bytes)),
      fc
        .array(fc.constantFrom(",", "\n", '"', "1", "e", "-", ".", "x", "\r", ";", "\t"), { maxLength: 80 })
        .map((letters) => new TextEncoder().encode(letters.join(""))),
    );
    await fc.assert(
      fc.asyncProperty(anySet, junk, anyOptions, async ([names, name], bytes, options) => {
        await endsWell(withDamage(names, name, bytes), options);
      }),
      { numRuns: 400 },
    );
  });

  it("is read or refused: headers that promise what is not there", async () => {
    const side = fc.constantFrom(0, 1, 2, 3, 6, 2 ** 16, 2 ** 31, 2 ** 32 - 1);
    await fc.assert(
      fc.asyncProperty(
        fc.array(side, { maxLength: 255, size: "max" }),
        fc.uint8Array({ maxLength: 8 }),
        anyOptions,
        async (shape, data, options) => {
          for (const kind of [8, 14]) await endsWell({ "x.idx": idxFile(shape, data, kind), "y.idx": whole["y.idx"] }, options);
        },
      ),
      { numRuns: 200 },
    );
    // As many as there can be of the largest, which multiply to infinity, and none of those.
    const immense = idxFile([...Array<number>(254).fill(2 ** 32 - 1), 0], [], 14);
    for (const options of [classes, numbers]) await endsWell({ "x.idx": immense, "y.idx": whole["y.idx"] }, options);
    const sides = fc.array(fc.constantFrom("0", "1", "3", "4294967296", "9007199254740991", "99999999999999999999"), {
      maxLength: 33,
      size: "max",
    });
    await fc.assert(
      fc.asyncProperty(sides, anyOptions, async (shape, options) => {
        const header = `{'descr': '<f8', 'fortran_order': True, 'shape': (${shape.join(", ")}), }`;
        const start = Uint8Array.of(0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length & 255, header.length >> 8);
        const bytes = Uint8Array.of(...start, ...new TextEncoder().encode(header));
        await endsWell({ "x.npy": bytes, "y.npy": bytes }, options);
      }),
      { numRuns: 200 },
    );
  });

  it("takes no memory for targets that a few bytes promise", async () => {
    // 300,000 cases of 1,000 classes: 1.2 GB of zeros and ones.
    const cases = 300_000;
    const files = {
      "x.npy": npy([cases, 1], new Uint8Array(cases)),
      "y.npy": npy(
        [cases],
        Uint16Array.from({ length: cases }, (_, at) => at % 1000),
      ),
    };
    expect(await rejection(read(files))).toMatchObject({ code: "OUT_OF_MEMORY", message: expect.stringContaining("300000 rows x 1000") });
  });
});
