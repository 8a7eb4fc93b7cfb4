import { element } from "./element.js";

export interface SliderOptions {
  readonly label: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly value: number;
  /** The step of a linear one; of a logarithmic one there are 200. */
  readonly step?: number;
  readonly isLogarithmic?: boolean;
  /** How the value is written beside the label. */
  readonly show: (value: number) => string;
  /** Called when it is let go, or moved by a key; until what it does is done, what the slider follows waits. */
  readonly onCommit?: (value: number) => Promise<void>;
}

/** Sliders so far: each has a name of its own, by which its label finds it. */
let made = 0;

/** A labeled range with its value beside the label; `onChange` is called at every move, and when a commit is done. */
export class Slider {
  readonly root: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly output: HTMLElement;
  private current: number;
  /** Being moved: what it follows waits. */
  private isHeld = false;
  /** Commits that are not done yet. */
  private committing = 0;

  constructor(
    private readonly options: SliderOptions,
    onChange: () => void,
  ) {
    const { label, minimum, maximum, step = (maximum - minimum) / 100, isLogarithmic = false } = options;
    this.current = options.value;
    const range = isLogarithmic ? { min: 0, max: 200, step: 1 } : { min: minimum, max: maximum, step };
    const id = `slider-${made++}`;
    this.input = element("input", { type: "range", id, ...range });
    // An output inside the label would be what the label is of.
    this.output = element("output", { for: id });
    this.root = element("div", { class: "slider" }, element("label", { for: id }, label), this.output, this.input);
    this.value = options.value;
    this.input.addEventListener("input", () => {
      this.current = this.read();
      this.isHeld = options.onCommit !== undefined;
      this.tell();
      onChange();
    });
    this.input.addEventListener("change", async () => {
      this.isHeld = false;
      if (options.onCommit === undefined) return;
      this.committing++;
      await options.onCommit(this.current);
      this.committing--;
      onChange();
    });
  }

  get value(): number {
    return this.current;
  }

  set value(value: number) {
    const { minimum, maximum, isLogarithmic } = this.options;
    this.current = Math.min(maximum, Math.max(minimum, value));
    const place = isLogarithmic ? 200 * (Math.log(this.current / minimum) / Math.log(maximum / minimum)) : this.current;
    this.input.value = String(place);
    this.tell();
  }

  /** What it stands for is this now; a hand that is on it goes first. */
  follow(value: number): void {
    if (!this.isHeld && this.committing === 0) this.value = value;
  }

  set disabled(isDisabled: boolean) {
    this.input.disabled = isDisabled;
    if (isDisabled) this.isHeld = false;
  }

  private read(): number {
    const { minimum, maximum, isLogarithmic } = this.options;
    const place = Number(this.input.value);
    return isLogarithmic ? Number((minimum * (maximum / minimum) ** (place / 200)).toPrecision(3)) : place;
  }

  private tell(): void {
    const text = this.options.show(this.current);
    this.output.textContent = text;
    this.input.setAttribute("aria-valuetext", text);
  }
}
