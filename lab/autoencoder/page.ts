import { curves, runOfCheckpoint } from "heavyball";
import { Choice } from "../parts/choice.js";
import { element, pageHead, section } from "../parts/element.js";
import { bytesOf, dropZone } from "../parts/files.js";
import { Lane, whileAtWork } from "../parts/lane.js";
import { type LaneRow, LaneTable } from "../parts/laneTable.js";
import { LineChart, written } from "../parts/lineChart.js";
import { changesOf, extremes, valuesOf } from "../parts/measures.js";
import { RunButtons, threadsFor } from "../parts/runButtons.js";
import { Slider } from "../parts/slider.js";
import { SteeringRows } from "../parts/steering.js";
import { Gallery } from "./gallery.js";
import { type Images, readImages } from "./images.js";
import { type RaceSetting, type Racing, raceSpec, racing } from "./race.js";

const methods = Object.keys(racing) as Racing[];

/** What the error can be drawn against. */
const axes = (["update", "seconds"] as const).flatMap((key) => {
  const label = key === "update" ? "updates" : "seconds of training";
  return [false, true].map((isLogarithmic) => ({ key, label, isLogarithmic }));
});

/** A race of optimizers on the deep autoencoder, from one start. */
export function mount(root: HTMLElement): void {
  const rows: LaneRow[] = methods.map((method) => {
    const { name, style } = racing[method];
    return { lane: new Lane(`autoencoder ${method}`, () => draw()), name, style };
  });
  const lanes = rows.map(({ lane }) => lane);
  let images: Images | undefined;

  const updates = new Choice(
    "Updates",
    [100, 300, 1000, 3000, 10_000].map((n) => [n.toLocaleString("en"), n] as const),
    1000,
  );
  const cases = new Choice(
    "Images",
    [1000, 5000, 20_000].map((n) => [`${n.toLocaleString("en")} curves`, n] as const),
    5000,
    showImages,
  );
  const largest = new Choice(
    "Largest momentum",
    [0.9, 0.99, 0.995, 0.999].map((n) => [String(n), n] as const),
    0.99,
  );
  const rates = Object.fromEntries(
    methods.map((method) => {
      const label = `Learning rate of ${racing[method].name}`;
      const range = { minimum: 0.0001, maximum: 0.1, isLogarithmic: true, value: racing[method].rate };
      return [method, new Slider({ label, ...range, show: written }, () => undefined)];
    }),
  ) as Record<Racing, Slider>;
  const entered = methods.map((method) => {
    const box = element("input", { type: "checkbox", checked: method !== "adam" });
    box.addEventListener("change", () => (rates[method].root.hidden = !box.checked));
    rates[method].root.hidden = !box.checked;
    return { method, box, label: element("label", {}, box, racing[method].name) };
  });

  const axis = new Choice(
    "Against",
    axes.map((one) => [one.isLogarithmic ? `${one.label}, logarithmic` : one.label, one] as const),
    axes[0],
    () => draw(),
  );
  const chart = new LineChart({ xLabel: "", yLabel: "squared error an image", isLogarithmic: true, height: 320 });
  const overview = new LaneTable(rows, ({ reports }) => extremes(valuesOf(reports, "trainingError")), "Training error");
  const gallery = new Gallery(rows);
  const buttons = new RunButtons(lanes, { start, goOn, clear });
  const steering = new SteeringRows(rows);

  function taskOf(): RaceSetting["task"] {
    if (images === undefined) return { name: "curves", cases: cases.value, testCases: 1000 };
    return { name: "mnist", cases: images.train.cases, testCases: images.test.cases };
  }

  function start(): void {
    const setting = {
      task: taskOf(),
      updates: updates.value,
      momentumMaximum: largest.value,
      rates: Object.fromEntries(methods.map((method) => [method, rates[method].value])) as Record<Racing, number>,
    };
    const wanted = entered.filter(({ box }) => box.checked).map(({ method }) => method);
    const threads = threadsFor(wanted.length);
    for (const [at, method] of methods.entries()) {
      if (wanted.includes(method)) void lanes[at].run(raceSpec(method, setting), { threads, data: images });
      else void lanes[at].clear();
    }
  }

  function goOn(): void {
    const waiting = lanes.filter(({ state, spec }) => (state === "paused" || state === "failed") && spec !== undefined);
    for (const lane of waiting) {
      const needsImages = lane.spec?.task.name === "mnist";
      if (needsImages && images === undefined) lane.say("drop the images it was trained on below, then go on");
      else void lane.run(lane.spec, { threads: threadsFor(waiting.length), resume: true, data: needsImages ? images : undefined });
    }
  }

  async function clear(): Promise<void> {
    for (const lane of lanes) await lane.clear();
  }

  function showImages(): void {
    gallery.show(images?.train.inputs.slice(0, 12 * 784) ?? curves({ cases: 12, seed: 1 }).inputs);
  }

  async function take(files: readonly File[]): Promise<string> {
    const checkpoint = files.find(({ name }) => name.endsWith(".bin"));
    if (checkpoint !== undefined) return takeCheckpoint(checkpoint);
    images = await readImages(files);
    showImages();
    cases.root.hidden = true;
    const { train, test } = images;
    const counts = [train.cases, test.cases].map((count) => count.toLocaleString("en"));
    return `${counts[0]} images to train on, ${counts[1]} to test on: the autoencoder is that of MNIST.`;
  }

  async function takeCheckpoint(file: File): Promise<string> {
    const bytes = await bytesOf(file);
    const { spec, update } = await runOfCheckpoint(bytes, file.name);
    const at = methods.indexOf(spec.optimizer.method as Racing);
    if (at < 0 || !["curves", "mnist"].includes(spec.task.name))
      throw new Error(
        `This is the checkpoint of ${spec.task.name} with ${spec.optimizer.method}, for which there is no place on this page.`,
      );
    if (lanes[at].isAtWork) throw new Error(`${rows[at].name} is training; pause it first.`);
    await lanes[at].takeUp(bytes);
    void gallery.refresh();
    const more = spec.task.name === "mnist" ? " Drop the images it was trained on, too." : "";
    return `${rows[at].name} after ${update.toLocaleString("en")} updates: it goes on from there.${more}`;
  }

  function draw(): void {
    const { key, label, isLogarithmic } = axis.value;
    chart.label(label, isLogarithmic);
    chart.draw(
      rows
        .filter(({ lane }) => lane.reports.length > 0)
        .map(({ lane, name, style }) => ({
          name,
          style,
          x: lane.reports.map((report) => report[key]),
          y: valuesOf(lane.reports, "trainingError"),
          marks: changesOf(lane, key),
        })),
    );
    overview.draw();
    buttons.draw();
    steering.draw();
  }

  root.append(
    pageHead(
      "Deep autoencoder",
      "Twelve layers of weights squeeze an image of 784 pixels into 6 numbers and draw it again. From a sparse random start, momentum " +
        "trains in minutes what was thought to need pre-training. All optimizers begin at the same point and see the same images.",
    ),
    element("div", { class: "controls" }, cases.root, updates.root, largest.root),
    element("fieldset", { class: "choices" }, element("legend", {}, "Optimizers"), ...entered.map(({ label }) => label)),
    element("div", { class: "controls" }, ...methods.map((method) => rates[method].root)),
    buttons.root,
    steering.root,
    section("Training error", element("div", { class: "controls one" }, axis.root), chart.root, overview.root),
    gallery.root,
    section(
      "Files",
      element(
        "p",
        {},
        "Train on images of your own, or go on with a run that was begun elsewhere: checkpoint.bin of a directory that heavyball train " +
          "--out wrote. A run from here goes on there: put its checkpoint.bin and spec.json into a directory, and say heavyball train " +
          "--resume --out with its name. A record repeats a run, changes included: heavyball train and the name of its file.",
      ),
      dropZone("Images (MNIST's files, or pictures), or a checkpoint", "Choose files", take),
    ),
  );
  showImages();
  void Promise.all(lanes.map((lane) => lane.find())).then(() => gallery.refresh());
  whileAtWork(lanes, root, () => {
    draw();
    void gallery.refresh();
  });
  draw();
}
