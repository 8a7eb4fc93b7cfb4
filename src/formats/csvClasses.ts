import { allocate } from "../boundary/allocate.js";
import { shorten } from "../boundary/describeValue.js";
import { OutOfMemoryError } from "../errors.js";
import { NUMBER } from "./csvFields.js";

/** More are no classes, but names or measurements. */
export const MOST_CLASSES = 1000;

/** Bytes of one-hot targets: beyond these a few bytes of text would stand for very many zeros. */
const MOST_BYTES = 2 ** 30;

/** The classes of a column of labels, which are words or, where all of them are, numbers. */
export class CsvClasses {
  private readonly places = new Map<string, number>();
  private readonly labels: number[] = [];

  /** `given`: all there are, in order; otherwise those that are found. */
  constructor(private readonly given: readonly string[] | undefined) {
    given?.forEach((name, i) => this.places.set(canonical(name, this.areNumbers), i));
  }

  /** Adds the label of the next row; what is wrong with it, if it cannot be. */
  add(text: string): string | undefined {
    const name = this.given === undefined ? text : canonical(text, this.areNumbers);
    let place = this.places.get(name);
    if (place === undefined) {
      if (this.given !== undefined) return `one of the classes ${list(this.given)}, found ${JSON.stringify(shorten(text))}`;
      if (name.trim() === "") return "a label, found nothing";
      if (this.places.size === MOST_CLASSES) return `at most ${MOST_CLASSES} different labels, found more: are these measurements?`;
      place = this.places.size;
      this.places.set(name, place);
    }
    this.labels.push(place);
    return undefined;
  }

  /**
   * Names of the classes, numbers in order of size and words in order of their UTF-16 units; the class of each row; the same as one-hot
   * rows. Throws OutOfMemoryError.
   */
  finish(): { readonly classes: readonly string[]; readonly labels: Uint16Array; readonly targets: Float32Array } {
    const found = [...this.places.keys()];
    const areNumbers = this.given === undefined && found.every(isNumber);
    const classes =
      this.given ??
      [...new Set(found.map((name) => canonical(name, areNumbers)))].sort((a, b) => (areNumbers ? Number(a) - Number(b) : a < b ? -1 : 1));
    const order = new Map(classes.map((name, i) => [name, i]));
    const places = this.given === undefined ? found.map((name) => order.get(canonical(name, areNumbers))!) : found.map((_, i) => i);
    const labels = Uint16Array.from(this.labels, (place) => places[place]);
    const bytes = 4 * labels.length * classes.length;
    if (bytes > MOST_BYTES)
      throw new OutOfMemoryError(
        `one-hot targets of ${labels.length} rows x ${classes.length} classes`,
        bytes,
        MOST_BYTES,
        "read fewer rows at a time, or merge classes",
      );
    const targets = allocate(Float32Array, labels.length * classes.length, "one-hot targets");
    labels.forEach((label, row) => (targets[row * classes.length + label] = 1));
    return { classes, labels, targets };
  }

  private get areNumbers(): boolean {
    return this.given?.every(isNumber) ?? false;
  }
}

function isNumber(text: string): boolean {
  return NUMBER.test(text.trim());
}

/** "1", "1.0" and " 1" are one number. */
function canonical(text: string, isNumeric: boolean): string {
  return isNumeric && isNumber(text) ? String(Number(text)) : text;
}

function list(names: readonly string[]): string {
  return shorten(names.map((name) => JSON.stringify(name)).join(", "));
}
