import type { ParameterTensor } from "heavyball";
import { Choice } from "../parts/choice.js";
import { element, section } from "../parts/element.js";
import { askNetwork } from "../parts/keptNetwork.js";
import type { LaneRow } from "../parts/laneTable.js";
import { centered, PictureRow } from "../parts/pictures.js";

/** Pictures in a row, and filters in the grid. */
const SHOWN = 12;
const FILTERS = 36;
const SIDE = 28;

/** Images and what the networks make of them, and what the units of a first layer look for. */
export class Gallery {
  readonly root: HTMLElement;
  private readonly originals = new PictureRow("Images", SIDE, SIDE, SHOWN);
  private readonly rebuilt: readonly PictureRow[];
  private readonly filters = new PictureRow("Filters", SIDE, SIDE, FILTERS / 3, true);
  private readonly chosen: Choice<number>;
  private inputs = new Float32Array(0);
  private isBusy = false;
  private isWanted = false;

  constructor(private readonly rows: readonly LaneRow[]) {
    this.rebuilt = rows.map(({ name }) => new PictureRow(name, SIDE, SIDE, SHOWN));
    const names = rows.map(({ name }, at) => [name, at] as const);
    this.chosen = new Choice("Optimizer", names, 2, () => void this.refresh());
    this.root = element(
      "div",
      {},
      section(
        "Reconstructions",
        element("p", {}, "Each image goes through a code of a few numbers and back. At first every answer is the mean image."),
        this.originals.root,
        ...this.rebuilt.map(({ root }) => root),
      ),
      section(
        "First-layer filters",
        element("p", {}, "The weights into the first hidden units: orange raises a unit, blue lowers it."),
        element("div", { class: "controls one" }, this.chosen.root),
        this.filters.root,
      ),
    );
  }

  /** The images to show: the first ones of these. */
  show(inputs: Float32Array<ArrayBuffer>): void {
    this.inputs = inputs.slice(0, SHOWN * SIDE * SIDE);
    this.originals.draw(this.inputs);
  }

  /** Asks the networks that train, and those that the store has, for new pictures. */
  async refresh(): Promise<void> {
    // Asked for while it looks, it looks again: the last question may be the one after a trial's end.
    this.isWanted = true;
    if (this.isBusy || this.inputs.length === 0) return;
    this.isBusy = true;
    try {
      while (this.isWanted) {
        this.isWanted = false;
        for (const at of this.rows.keys()) await this.refreshRow(at);
      }
    } finally {
      this.isBusy = false;
    }
  }

  private async refreshRow(at: number): Promise<void> {
    const { lane, name } = this.rows[at];
    const batch = { inputs: this.inputs, cases: this.inputs.length / (SIDE * SIDE) };
    const wantsFilters = this.chosen.value === at;
    if (lane.state === "empty") {
      this.rebuilt[at].root.hidden = true;
      if (wantsFilters) this.filters.root.hidden = true;
      return;
    }
    try {
      const found = await askNetwork(lane, async (network) => {
        const outputs = await network.predict(batch);
        return { outputs, filters: wantsFilters ? filtersOf(network.layout, await network.getParameters()) : undefined };
      });
      if (found === undefined) return;
      this.rebuilt[at].name(`${name} after ${lane.update.toLocaleString("en")} updates`);
      this.rebuilt[at].draw(found.outputs);
      if (found.filters !== undefined) this.filters.draw(found.filters);
    } catch {
      // The trial has ended meanwhile: the next look finds what it left.
    }
  }
}

/** The incoming weights of the first units, one picture each. */
function filtersOf(layout: readonly ParameterTensor[], parameters: Float32Array): Float32Array {
  const { shape, offset } = layout[0];
  const [inputs, units] = shape;
  const shown = new Float32Array(FILTERS * inputs);
  for (let unit = 0; unit < Math.min(FILTERS, units); unit++) {
    const weights = Float32Array.from({ length: inputs }, (_, input) => parameters[offset + input * units + unit]);
    shown.set(centered(weights), unit * inputs);
  }
  return shown;
}
