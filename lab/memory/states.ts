import type { Batch, TrialSpec } from "heavyball";
import { heatMap } from "#internal/report/plot/hiddenStates";
import { hiddenStates } from "#internal/tasks/sequences/sequencesPage";
import { element } from "../parts/element.js";
import { askNetwork } from "../parts/keptNetwork.js";
import type { Lane } from "../parts/lane.js";
import { PictureRow } from "../parts/pictures.js";
import { type Problem, problems } from "./setting.js";

/** Sequences that are shown. */
const SHOWN = 4;

/** The hidden units over time while some sequences are read: a picture for each, time downward and units across. */
export class HiddenStates {
  readonly root = element("div");
  private row: PictureRow | undefined;
  private made = "";
  private batch: Batch | undefined;

  constructor(private readonly lane: Lane) {}

  async refresh(): Promise<void> {
    const { spec, update } = this.lane;
    if (spec === undefined) return;
    this.prepare(spec);
    try {
      const { hidden } = spec.task as unknown as { readonly hidden: number };
      const values = await askNetwork(this.lane, async (network) => network.activations(this.batch!, 1));
      if (values === undefined) return;
      const states = hiddenStates(values, this.batch!, hidden);
      const maps = Array.from({ length: SHOWN }, (_, sequence) => heatMap(states, sequence));
      const all = new Float32Array(maps.reduce((sum, map) => sum + map.length, 0));
      maps.forEach((map, at) => all.set(map, at * map.length));
      this.row!.name(`After ${update.toLocaleString("en")} updates: ${SHOWN} sequences, time downward, ${hidden} units side by side`);
      this.row!.draw(all);
    } catch {
      // The trial has ended meanwhile: the next look finds what it left.
    }
  }

  private prepare(spec: TrialSpec): void {
    const key = JSON.stringify(spec.task);
    if (key === this.made) return;
    this.made = key;
    const { name, length, hidden } = spec.task as unknown as { name: Problem; length: number; hidden: number };
    this.batch = problems[name].make({ length }).testBatch(1, SHOWN);
    this.row = new PictureRow("", hidden, this.batch.steps!, SHOWN, true);
    this.root.replaceChildren(this.row.root);
  }
}
