import { type LabeledDataSet, mnist } from "heavyball";
import { button, element, pageHead, section } from "../parts/element.js";
import { bytesOf, dropZone } from "../parts/files.js";
import { LineChart, written } from "../parts/lineChart.js";
import { PictureRow } from "../parts/pictures.js";
import { Slider } from "../parts/slider.js";
import type { Asked, Told } from "./messages.js";
import { Pad } from "./pad.js";
import { render, SIDE } from "./render.js";

/** Radius of the pen in pixels of the network's picture. */
const PEN = 1.15;

/** A classifier that reads what is drawn while it learns. */
export function mount(root: HTMLElement): void {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const ask = (asked: Asked): void => worker.postMessage(asked);
  let digits: { readonly digits: LabeledDataSet; readonly test?: LabeledDataSet } | undefined;
  let reports: { readonly update: number; readonly wrong: number }[] = [];

  const bars = Array.from({ length: 10 }, (_, digit) => {
    const bar = element("span", { class: "bar" });
    const share = element("span", { class: "share" });
    return {
      bar,
      share,
      root: element("li", {}, element("span", { class: "digit" }, String(digit)), element("span", { class: "track" }, bar), share),
    };
  });
  const verdict = element("p", { class: "verdict", role: "status" }, "Draw a digit.");
  const seen = new PictureRow("What the network sees", SIDE, SIDE, 1);
  let isDrawn = false;
  const pad = new Pad((strokes) => {
    isDrawn = strokes.length > 0;
    if (!isDrawn) {
      verdict.textContent = "Draw a digit.";
      for (const { bar, share } of bars) {
        bar.style.width = "0";
        share.textContent = "";
      }
      return;
    }
    const picture = render(strokes, PEN);
    seen.draw(picture);
    ask({ kind: "read", picture });
  });

  const chart = new LineChart({ xLabel: "updates", yLabel: "share read wrongly", height: 260 });
  const status = element("p", { class: "status", role: "status" });
  const samples = new PictureRow("Some of the digits it learns from", SIDE, SIDE, 20);
  const start = button("Train", train, { class: "main" });
  const stop = button("Stop", () => ask({ kind: "stop" }));
  stop.hidden = true;
  const rate = new Slider(
    { label: "Learning rate ε, at first", minimum: 0.001, maximum: 1, isLogarithmic: true, value: 0.1, show: written },
    () => undefined,
  );
  const momentum = new Slider(
    { label: "Momentum μ", minimum: 0, maximum: 0.99, step: 0.01, value: 0.9, show: (v) => v.toFixed(2) },
    () => undefined,
  );

  function showTraining(now: boolean): void {
    [start.hidden, stop.hidden] = [now, !now];
    [rate.disabled, momentum.disabled] = [now, now];
  }

  function train(): void {
    reports = [];
    showTraining(true);
    status.textContent = "Making the data …";
    ask({ kind: "train", ...digits, learningRate: rate.value, momentum: momentum.value });
  }

  function answer(shares: Float32Array): void {
    const best = shares.indexOf(Math.max(...shares));
    verdict.textContent = `It reads ${best}: ${Math.round(100 * shares[best])} %.`;
    bars.forEach(({ bar, share, root: line }, digit) => {
      bar.style.width = `${100 * shares[digit]}%`;
      share.textContent = `${Math.round(100 * shares[digit])} %`;
      line.classList.toggle("best", digit === best);
    });
  }

  worker.onmessage = ({ data }: MessageEvent<Told>) => {
    if (data.kind === "answer") {
      // An answer about a sheet that was thrown away comes too late.
      if (isDrawn) answer(data.shares);
    } else if (data.kind === "begun") {
      samples.draw(data.samples);
      const threads = `${data.threads} thread${data.threads === 1 ? "" : "s"}`;
      status.textContent = `Learning from ${data.cases.toLocaleString("en")} digits, in a Worker, on ${threads}.`;
    } else if (data.kind === "report") {
      reports.push(data);
      chart.draw([{ name: "wrong", style: 2, x: reports.map(({ update }) => update), y: reports.map(({ wrong }) => wrong) }]);
    } else {
      showTraining(false);
      start.textContent = "Train anew";
      status.textContent =
        data.kind === "failed" ? data.message : `Trained: ${(100 * (1 - data.wrong)).toFixed(2)} % of ${data.what} are read right.`;
    }
  };
  worker.onerror = (event) => void (status.textContent = `The Worker could not be started: ${event.message ?? "its file is missing"}.`);

  root.append(
    pageHead(
      "Digits",
      "The classifier of the README, a layer of rectified units trained with Nesterov momentum. Press Train and draw: it answers while " +
        "it learns, and better every second.",
    ),
    element("div", { class: "controls" }, rate.root, momentum.root),
    element("p", { class: "buttons" }, start, stop),
    status,
    element(
      "div",
      { class: "reading" },
      element(
        "div",
        {},
        pad.canvas,
        element(
          "p",
          { class: "buttons" },
          button("New sheet", () => pad.clear()),
        ),
      ),
      element("div", { class: "answer" }, verdict, element("ol", { class: "bars" }, ...bars.map(({ root: line }) => line))),
      element("div", { class: "seen" }, seen.root),
    ),
    section("How much it gets wrong", element("p", {}, "Of the twentieth of the digits that is held back."), chart.root),
    samples.root,
    section(
      "Files",
      element(
        "p",
        {},
        "Without files it learns from digits written by a shaky hand of this page's own. Drop MNIST's images and labels, the test set " +
          "too if you have it, to learn from people's.",
      ),
      dropZone(
        "train-images, train-labels, t10k-images, t10k-labels (idx-ubyte, compressed or not)",
        "Choose MNIST's files",
        async (files) => {
          digits = await readDigits(files);
          const tested = digits.test === undefined ? "" : `, ${digits.test.cases.toLocaleString("en")} to test on`;
          return `${digits.digits.cases.toLocaleString("en")} digits to learn from${tested}. Press Train.`;
        },
      ),
    ),
  );
}

/** MNIST's files by their names. Throws an error whose message is a sentence. */
async function readDigits(files: readonly File[]): Promise<{ digits: LabeledDataSet; test?: LabeledDataSet }> {
  const set = async (name: RegExp): Promise<LabeledDataSet | undefined> => {
    const [images, labels] = ["images", "labels"].map((what) => files.find((file) => name.test(file.name) && file.name.includes(what)));
    if (images === undefined && labels === undefined) return undefined;
    if (images === undefined || labels === undefined) {
      const missing = images === undefined ? "images" : "labels";
      throw new Error(`Drop both: the ${missing} that belong to ${(images ?? labels)!.name} are missing.`);
    }
    const read = await mnist(await bytesOf(images), await bytesOf(labels));
    if (read.features !== SIDE * SIDE) throw new Error(`The images of ${images.name} are not of ${SIDE} x ${SIDE} pixels.`);
    return read;
  };
  const [digits, test] = [await set(/train/), await set(/t10k|test/)];
  if (digits === undefined) throw new Error("Drop train-images-idx3-ubyte and train-labels-idx1-ubyte; nothing here is called so.");
  return { digits, test };
}
