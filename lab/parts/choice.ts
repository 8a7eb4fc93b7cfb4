import { element } from "./element.js";

/** A labeled choice of one among several; values are told apart by their text. */
export class Choice<Value> {
  readonly root: HTMLElement;
  private readonly select = element("select");

  constructor(
    label: string,
    private readonly values: readonly (readonly [string, Value])[],
    first: Value,
    onChange: () => void = () => undefined,
  ) {
    this.select.append(...values.map(([text]) => element("option", { value: text }, text)));
    this.root = element("label", { class: "field" }, element("span", {}, label), this.select);
    this.value = first;
    this.select.addEventListener("change", onChange);
  }

  get value(): Value {
    return this.values[this.select.selectedIndex][1];
  }

  set value(value: Value) {
    this.select.selectedIndex = Math.max(
      0,
      this.values.findIndex(([, other]) => other === value),
    );
  }

  set disabled(isDisabled: boolean) {
    this.select.disabled = isDisabled;
  }
}
