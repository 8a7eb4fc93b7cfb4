import * as fc from "fast-check";
import {
  type CsvOptions,
  type CsvTable,
  createRuntime,
  FormatError,
  feedForward,
  HeavyballError,
  InvalidOptionError,
  readCsv,
} from "heavyball";
import { describe, expect, it } from "vitest";
import { refusal } from "../support/failures.js";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The FormatError of a text. */
function wrong(text: string | Uint8Array, options: CsvOptions = {}): FormatError {
  try {
    readCsv(text, { file: "iris.csv", ...options });
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).file).toBe("iris.csv");
    return error as FormatError;
  }
  throw new Error(`nothing was thrown for ${JSON.stringify(text)}`);
}

const IRIS = "length,width,species\n5.1,3.5,setosa\n7,3.2,versicolor\n4.9,3,setosa\n";

describe("readCsv", () => {
  it("reads a header, numbers and a column of labels", () => {
    expect(readCsv(IRIS, { label: "species" })).toEqual({
      columns: ["length", "width"],
      cases: 3,
      features: 2,
      inputs: Float32Array.of(5.1, 3.5, 7, 3.2, 4.9, 3),
      classes: ["setosa", "versicolor"],
      labels: Uint16Array.of(0, 1, 0),
      targets: Float32Array.of(1, 0, 0, 1, 1, 0),
    });
    expect(readCsv(encode(IRIS), { label: "species" })).toEqual(readCsv(IRIS, { label: "species" }));
    for (const label of [2, -1]) expect(readCsv(IRIS, { label })).toEqual(readCsv(IRIS, { label: "species" }));
  });

  it("reads numbers alone, without a header, in f32 or f64", () => {
    expect(readCsv("1,2\n3,4.5")).toEqual({
      columns: ["column 1", "column 2"],
      cases: 2,
      features: 2,
      inputs: Float32Array.of(1, 2, 3, 4.5),
    });
    expect(readCsv("0.1\n1e300", { precision: "f64" }).inputs).toEqual(Float64Array.of(0.1, 1e300));
    expect(readCsv("16777217").inputs).toEqual(Float32Array.of(16_777_216));
  });

  it.each([
    [",", "1,2\n3,4"],
    [";", "1;2\n3;4"],
    ["\t", "1\t2\n3\t4"],
  ] as const)("finds the delimiter %j, or takes it as it is told", (delimiter, text) => {
    const wanted = Float32Array.of(1, 2, 3, 4);
    expect(readCsv(text).inputs).toEqual(wanted);
    expect(readCsv(text, { delimiter }).inputs).toEqual(wanted);
    expect(readCsv(`\n"a,b;c"${delimiter}"d"\n${text}`).columns).toEqual(["a,b;c", "d"]);
  });

  it("finds a header by what is no number, the label left out", () => {
    const rows = "5,1,yes\n6,2,no\n";
    expect(readCsv(rows, { label: -1 }).cases).toBe(2);
    expect(readCsv(rows, { label: -1, header: true })).toMatchObject({ cases: 1, columns: ["5", "1"] });
    expect(readCsv("1,2\n3,4", { header: true })).toMatchObject({ cases: 1, columns: ["1", "2"] });
    expect(readCsv("1,2\n3,4", { label: "2" })).toMatchObject({ cases: 1, columns: ["1"], classes: ["4"] });
    expect(wrong("a,b\n1,2", { header: false }).message).toMatch(/found "a"/);
  });

  it("reads quoted fields as RFC 4180 has them", () => {
    const text = '"a ""b""","c\nd","e,f"\r\n"1",2,"three\r\n3"\r\n';
    expect(readCsv(text, { label: 2 })).toMatchObject({ columns: ['a "b"', "c\nd"], cases: 1, classes: ["three\r\n3"] });
    expect(readCsv('""""\n1').columns).toEqual(['"']);
    expect(readCsv('""\n1').columns).toEqual([""]);
  });

  it.each(["\n", "\r\n", "\r"])("takes the line end %j, empty lines and none at the end", (end) => {
    const text = ["", "x,y", "1,2", "", "3,4"].join(end);
    for (const whole of [text, text + end, text + end + end])
      expect(readCsv(whole)).toMatchObject({ columns: ["x", "y"], cases: 2, inputs: Float32Array.of(1, 2, 3, 4) });
  });

  it("passes over a byte order mark, and refuses UTF-16", () => {
    expect(readCsv(`\ufeff${IRIS}`, { label: "species" }).columns).toEqual(["length", "width"]);
    expect(wrong(Uint8Array.of(0xff, 0xfe, 0x31, 0)).message).toMatch(/at byte 0, expected text in UTF-8, found UTF-16/);
    expect(wrong(Uint8Array.of(0x61, 0xff, 0x0a, 0x31)).message).toMatch(/at byte 0, expected text in UTF-8 \(line 1\)/);
  });

  it("orders classes that are numbers by size, and takes what is the same number for one class", () => {
    const table = readCsv("10,1\n9,2\n9.0,3\n-1,4\n 10,5", { label: 0 });
    expect(table).toMatchObject({ classes: ["-1", "9", "10"], labels: Uint16Array.of(2, 1, 1, 0, 2) });
    expect(readCsv("b,1\n10,2\n9,3", { label: 0 }).classes).toEqual(["10", "9", "b"]);
    expect(readCsv("0x10,1\n16,2", { label: 0 }).classes).toEqual(["0x10", "16"]);
  });

  it("takes classes in the order given, for test data", () => {
    const { classes, labels, targets } = readCsv("9.0,1\n1,2", { label: 0, classes: ["10", "9", "1"] });
    expect([classes, labels, targets]).toEqual([["10", "9", "1"], Uint16Array.of(1, 2), Float32Array.of(0, 1, 0, 0, 0, 1)]);
    const { message, offset } = wrong("setosa,1\nvirginica,2", { label: 0, classes: ["setosa", "versicolor"] });
    expect(offset).toBe(9);
    expect(message).toMatch(/one of the classes "setosa", "versicolor", found "virginica" \(line 2\)/);
  });

  it("makes a data set that a network takes", async () => {
    const runtime = await createRuntime({ threads: 1 });
    const data = readCsv(IRIS, { label: "species" });
    const network = runtime.network(feedForward({ sizes: [2, 2], activations: ["softmax"] }));
    expect(network.evaluate(data).zeroOne).toBe(1 / 3);
    await runtime.dispose();
  });

  it("reads numbers to the nearest f64, however they are written", () => {
    const numbers = ["0", "-0", "+5", "5.", ".5", "-.5e-3", "1E5", "123456789012345678", "0.1", "1e-320", "4.35", "2.675", "1e22", "1e23"];
    const more = ["9007199254740993", "0.000000000000001", "123456.789012345", "1.7976931348623157e308", "000012", "0.30000000000000004"];
    const all = [...numbers, ...more];
    expect(readCsv(all.join("\n"), { header: false, precision: "f64" }).inputs).toEqual(Float64Array.from(all, Number));
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (values) => {
        const { inputs: read } = readCsv(values.map(String).join("\n"), { precision: "f64" });
        // String gives -0 no sign.
        expect(read).toEqual(Float64Array.from(values, (value) => value + 0));
      }),
      { numRuns: 300, seed: 1 },
    );
    fc.assert(
      fc.property(fc.stringMatching(/^-?\d{1,12}\.\d{1,12}$/), (text) => {
        expect(readCsv(text, { precision: "f64" }).inputs[0]).toBe(Number(text));
      }),
      { numRuns: 1000, seed: 2 },
    );
  });

  it.each([
    ["", 0, /at least one record, found none/],
    ["\n\r\n", 3, /at least one record, found none/],
    ["a,b\n", 4, /at least one row after the header/],
    ["1,2\n3", 4, /expected 2 fields, as in the first record, found 1 \(line 2\)/],
    ["1,2\n3,4,5\n", 8, /expected 2 fields, as in the first record, found 3 \(line 2\)/],
    ["1,2\n3,\n", 6, /a number such as -1.5 in "column 2", found nothing/],
    ["ä,b\n1,two\n", 7, /a number such as -1.5 in "b", found "two"; a column of words can be the label \(line 2\)/],
    ['a,b\n"\n\n1",x\n', 5, /a number such as .* in "a", found "\\n\\n1".*\(line 2\)/],
    ['a\n"1"\n\n\n3\nx', 10, /found "x".*\(line 6\)/],
    ["1 2", 3, /at least one row after the header/],
    ["a\n1,000.5", 4, /expected 1 field, as in the first record, found 2 \(line 2\)/],
    ["a\nNaN", 2, /found "NaN"/],
    ["a\nInfinity", 2, /found "Infinity"/],
    ["a\n0x10", 2, /found "0x10"/],
    ["a\n1_000", 2, /found "1_000"/],
    ["a\n1e39", 2, /a number that f32 holds in "a", found "1e39"/],
    ['1,"2', 2, /a closing quote after this one, found the end \(line 1\)/],
    ['1,2"3"', 3, /a quote at the beginning of a field only/],
    ['1,"2"3', 5, /a delimiter or a line end after the closing quote/],
    ['1,"2\n"3', 6, /after the closing quote \(line 2\)/],
  ] as const)("refuses %j at byte %i", (text, offset, message) => {
    const error = wrong(text);
    expect(error.message).toMatch(message);
    expect(error.offset).toBe(offset);
  });

  it("refuses what overflows f64, and labels that are none", () => {
    expect(wrong("a\n1e999", { precision: "f64" }).message).toMatch(/a number that f64 holds/);
    expect(wrong("1,\n", { label: 1 }).message).toMatch(/a label, found nothing/);
    expect(wrong("yes\nno", { label: 0 }).message).toMatch(/a column of numbers beside the labels/);
    const many = Array.from({ length: 1001 }, (_, i) => `1,w${i}`).join("\n");
    expect(wrong(many, { label: 1 }).message).toMatch(/at most 1000 different labels.*\(line 1001\)/);
    expect(readCsv(many.slice(0, many.lastIndexOf("\n")), { label: 1 }).classes).toHaveLength(1000);
  });

  it("refuses options that cannot be", () => {
    const refused: readonly [unknown, string][] = [
      [{ delimiter: "|" }, "delimiter"],
      [{ header: 1 }, "header"],
      [{ label: 0.5 }, "label"],
      [{ label: 3 }, "label"],
      [{ label: -4 }, "label"],
      [{ label: "none" }, "label"],
      [{ label: null }, "label"],
      [{ label: "length", header: false }, "label"],
      [{ classes: ["a"] }, "classes"],
      [{ label: -1, classes: [] }, "classes"],
      [{ label: -1, classes: ["a", "a"] }, "classes"],
      [{ label: -1, classes: [1] }, "classes"],
      [{ label: -1, classes: Array.from({ length: 1001 }, (_, i) => `w${i}`) }, "classes"],
      [{ precision: "f16" }, "precision"],
      [{ file: null }, "file"],
      [{ labels: "species" }, "readCsv.labels"],
    ];
    for (const [options, option] of refused) expect(refusal(() => readCsv(IRIS, options as CsvOptions)).option).toBe(option);
    expect(refusal(() => readCsv("a,a\n1,2", { label: "a" })).allowed).toMatch(/several have this name/);
    for (const text of [undefined, null, 5, [1], new ArrayBuffer(4), new Float32Array(2)])
      expect(() => readCsv(text as never)).toThrow(InvalidOptionError);
    expect(() => readCsv(IRIS, null as never)).toThrow(InvalidOptionError);
  });
});

/** A field as RFC 4180 writes it. */
const quoted = (field: string): string => (/[",;\t\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

describe("whatever the text", () => {
  it("reads back every table that is written", () => {
    const name = fc.string({ unit: "grapheme", maxLength: 6 }).map((text) => `c${text}`);
    const table = fc.record({
      columns: fc.array(name, { minLength: 1, maxLength: 5 }),
      delimiter: fc.constantFrom(",", ";", "\t"),
      end: fc.constantFrom("\n", "\r\n"),
      rows: fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 5, maxLength: 5 }), {
        minLength: 1,
        maxLength: 8,
      }),
      labels: fc.array(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 }).map((text) => `l${text}`),
        { minLength: 8, maxLength: 8 },
      ),
    });
    fc.assert(
      fc.property(table, ({ columns, delimiter, end, rows, labels }) => {
        const records = [[...columns, "label"], ...rows.map((row, i) => [...row.slice(0, columns.length).map(String), labels[i]])];
        const text = records.map((record) => record.map(quoted).join(delimiter)).join(end);
        const read = readCsv(text, { delimiter: delimiter as ",", header: true, label: columns.length });
        expect(read.columns).toEqual(columns);
        expect(Array.from(read.inputs)).toEqual(rows.flatMap((row) => row.slice(0, columns.length).map((value) => value + 0)));
        expect(Array.from(read.labels!, (label) => read.classes![label])).toEqual(labels.slice(0, rows.length));
        expect(read.classes).toEqual([...new Set(labels.slice(0, rows.length))].sort());
        read.labels!.forEach((label, row) =>
          expect(Array.from(read.targets!.subarray(row * read.classes!.length, (row + 1) * read.classes!.length))).toEqual(
            read.classes!.map((_, i) => Number(i === label)),
          ),
        );
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  /** Read, or refused with a typed error whose offset lies in the text; never more numbers than bytes. */
  const outcome = (bytes: Uint8Array, options: CsvOptions): void => {
    let table: CsvTable;
    try {
      table = readCsv(bytes, options);
    } catch (error) {
      expect(error).toBeInstanceOf(HeavyballError);
      if (error instanceof FormatError) expect(error.offset >= 0 && error.offset <= bytes.length).toBe(true);
      return;
    }
    expect(table.inputs.length).toBe(table.cases * table.columns.length);
    expect(table.inputs.length).toBeLessThanOrEqual(bytes.length);
    expect(table.inputs.every(Number.isFinite)).toBe(true);
    if (table.labels) expect(table.labels.length).toBe(table.cases);
  };
  const OPTIONS: readonly CsvOptions[] = [{}, { label: -1 }, { label: "species" }, { header: false, label: 0, delimiter: "," }];
  const whole = encode(`${IRIS}"6",2.5e0,"virgin""ica"\r\n`);

  it("a text cut short, damaged or made of anything is read or refused, never more", () => {
    for (const options of OPTIONS) {
      for (let length = 0; length < whole.length; length++) outcome(whole.subarray(0, length), options);
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
          const copy = whole.slice();
          for (const [at, byte] of changes) copy[at] = byte;
          outcome(copy, options);
        }),
        { numRuns: 300, seed: 1 },
      );
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => outcome(bytes, options)),
        { numRuns: 300, seed: 2 },
      );
      fc.assert(
        fc.property(fc.string({ unit: fc.constantFrom(...'01.5e-""\n\r,;\t a'), maxLength: 40 }), (text) => outcome(encode(text), options)),
        { numRuns: 1000, seed: 3 },
      );
    }
  });

  it("sizes that no file has are refused before there is memory for them", () => {
    // A row of very many fields before very many rows: all of them together would be 10^11 numbers.
    const wide = `${"1,".repeat(300_000)}1\n${"1\n".repeat(300_000)}`;
    expect(wrong(wide).message).toMatch(/expected 300001 fields.*found 1 \(line 2\)/);
    const classes = Array.from({ length: 400_000 }, (_, i) => `1,${i % 1000}`).join("\n");
    expect(() => readCsv(classes, { label: 1 })).toThrow(/one-hot targets of 400000 rows x 1000 classes needs 1600000000 bytes/);
    expect(wrong(`1,"${"2".repeat(3_000_000)}`).offset).toBe(2);
    expect(wrong(`a\n${"2".repeat(3_000_000)}`).message.length).toBeLessThan(300);
  });
});
