import { button, element } from "./element.js";
import { download } from "./files.js";
import type { Lane } from "./lane.js";
import { written } from "./lineChart.js";
import { mark } from "./table.js";

const states: Readonly<Record<Lane["state"], string>> = {
  empty: "not started",
  preparing: "making its data",
  running: "training",
  pausing: "pausing",
  paused: "paused",
  finished: "finished",
  diverged: "diverged",
  failed: "could not go on",
};

/** A lane as the table has it: what it is called, its line, and the measure that is shown. */
export interface LaneRow {
  readonly lane: Lane;
  readonly name: string;
  readonly style: number;
}

/** How the runs are doing, a row each, with what can be downloaded of them. Rows are made once, so that buttons keep the focus. */
export class LaneTable {
  readonly root: HTMLElement;
  private readonly rows: readonly { readonly row: LaneRow; readonly element: HTMLElement; readonly cells: readonly HTMLElement[] }[];

  constructor(
    rows: readonly LaneRow[],
    private readonly errorOf: (lane: Lane) => { readonly last?: number; readonly lowest?: number },
    measure: string,
  ) {
    this.rows = rows.map((row) => {
      const cells = Array.from({ length: 5 }, () => element("td"));
      const files = element("td", { class: "files" }, ...downloads(row));
      return { row, cells, element: element("tr", {}, element("th", { scope: "row" }, mark(row.style), row.name), ...cells, files) };
    });
    const head = ["", "Update", measure, "Lowest", "Updates a second", "State", "Download"];
    const columns = element("tr", {}, ...head.map((title) => element("th", { scope: "col" }, title)));
    const body = element("tbody", {}, ...this.rows.map(({ element }) => element));
    this.root = element(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": "Runs" },
      element("table", {}, element("thead", {}, columns), body),
    );
  }

  draw(): void {
    for (const { row, element: line, cells } of this.rows) {
      const { lane } = row;
      line.hidden = lane.state === "empty";
      const { last, lowest } = this.errorOf(lane);
      const texts = [
        `${lane.update.toLocaleString("en")} of ${(lane.spec?.updates ?? 0).toLocaleString("en")}`,
        last === undefined ? "–" : written(last),
        lowest === undefined ? "–" : written(lowest),
        lane.pace === undefined ? "–" : written(lane.pace),
        lane.message === "" ? states[lane.state] : `${states[lane.state]}: ${lane.message}`,
      ];
      texts.forEach((text, at) => {
        if (cells[at].textContent !== text) cells[at].textContent = text;
      });
      cells[4].className = lane.state === "failed" || lane.state === "diverged" ? "bad" : "";
    }
    this.root.hidden = this.rows.every(({ element }) => element.hidden);
  }
}

function downloads({ lane, name }: LaneRow): HTMLElement[] {
  const record = async (): Promise<void> => {
    const bytes = await lane.store.read("record.json");
    const events = lane.events.length === 0 ? {} : { events: lane.events };
    const record = bytes === undefined ? { spec: lane.spec, ...events } : JSON.parse(new TextDecoder().decode(bytes));
    download(`${lane.key.replaceAll(" ", "-")}-record.json`, `${JSON.stringify({ ...record, reports: lane.reports }, null, 2)}\n`);
  };
  const spec = (): void => {
    if (lane.spec !== undefined) download("spec.json", `${JSON.stringify(lane.spec, null, 2)}\n`);
  };
  const checkpoint = async (): Promise<void> => {
    const bytes = await lane.store.read("checkpoint.bin");
    if (bytes !== undefined) download("checkpoint.bin", bytes);
  };
  return [
    button("record", () => void record(), { class: "link", "aria-label": `Download the record of ${name}` }),
    button("spec", spec, { class: "link", "aria-label": `Download the spec of ${name}` }),
    button("checkpoint", () => void checkpoint(), { class: "link", "aria-label": `Download the checkpoint of ${name}` }),
  ];
}
