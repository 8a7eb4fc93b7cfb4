import { runOfCheckpoint } from "heavyball";
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
import { type Method, memorySpec, type Problem, problems } from "./setting.js";
import { HiddenStates } from "./states.js";

const methods: readonly (readonly [string, Method])[] = [
  ["Nesterov (NAG)", "nesterov"],
  ["Classical (CM)", "classicalMomentum"],
  ["Descent (SGD)", "sgd"],
  ["Adam", "adam"],
];

/** A recurrent network that has to remember over many steps. */
export function mount(root: HTMLElement): void {
  const lane = new Lane("memory", () => draw());
  const row: LaneRow = { lane, name: "Network", style: 2 };
  const names = Object.entries(problems).map(([name, { title }]) => [title, name as Problem] as const);
  const problem = new Choice<Problem>("Problem", names, "memory5", () => {
    length.value = Math.max(length.value, problems[problem.value].shortest);
    rate.value = problems[problem.value].rate;
    told.textContent = problems[problem.value].told;
  });
  const length = new Slider(
    { label: "Length T", minimum: 10, maximum: 200, step: 1, value: 30, show: (steps) => `${steps} steps` },
    () => (length.value = Math.max(length.value, problems[problem.value].shortest)),
  );
  const hidden = new Choice(
    "Hidden units",
    [20, 50, 100].map((n) => [String(n), n] as const),
    50,
  );
  const method = new Choice<Method>(
    "Optimizer",
    methods,
    "nesterov",
    () => (momentum.root.hidden = !method.value.match(/momentum|nesterov/i)),
  );
  const rate = new Slider(
    { label: "Learning rate ε", minimum: 1e-6, maximum: 0.1, isLogarithmic: true, value: problems.memory5.rate, show: written },
    () => undefined,
  );
  const momentum = new Slider(
    { label: "Momentum μ", minimum: 0, maximum: 0.999, step: 0.001, value: 0.9, show: (v) => v.toFixed(3) },
    () => undefined,
  );
  const updates = new Choice(
    "Updates",
    [100, 500, 2000, 10_000, 50_000].map((n) => [n.toLocaleString("en"), n] as const),
    2000,
  );

  const told = element("p", { class: "caption" }, problems.memory5.told);
  const errors = new LineChart({ xLabel: "updates", yLabel: "zero-one error", height: 280 });
  const radii = new LineChart({ xLabel: "updates", yLabel: "spectral radius", height: 220 });
  const states = new HiddenStates(lane);
  const overview = new LaneTable([row], ({ reports }) => extremes(valuesOf(reports, "zeroOne")), "Zero-one error");
  const buttons = new RunButtons([lane], { start, goOn, clear: () => lane.clear() });
  const steering = new SteeringRows([row]);

  function start(): void {
    const setting = {
      problem: problem.value,
      length: length.value,
      hidden: hidden.value,
      method: method.value,
      learningRate: rate.value,
      momentum: momentum.value,
      updates: updates.value,
    };
    void lane.run(memorySpec(setting), { threads: threadsFor(1) });
  }

  function goOn(): void {
    void lane.run(lane.spec, { threads: threadsFor(1), resume: true });
  }

  async function take([file]: readonly File[]): Promise<string> {
    const bytes = await bytesOf(file);
    const { spec, update } = await runOfCheckpoint(bytes, file.name);
    if (!Object.hasOwn(problems, spec.task.name))
      throw new Error(`This is the checkpoint of ${spec.task.name}, which is no problem of this page.`);
    if (lane.isAtWork) throw new Error("A network is training; pause it first.");
    await lane.takeUp(bytes);
    return `${spec.task.name} after ${update.toLocaleString("en")} updates: it goes on from there.`;
  }

  function draw(): void {
    const { reports } = lane;
    const x = reports.map(({ update }) => update);
    const line = (key: string) =>
      reports.length === 0 ? [] : [{ name: "network", style: 2, x, y: valuesOf(reports, key), marks: changesOf(lane, "update") }];
    errors.draw(line("zeroOne"));
    radii.draw(line("spectralRadius"));
    overview.draw();
    buttons.draw();
    steering.draw();
  }

  root.append(
    pageHead(
      "Long memory",
      "A recurrent network reads a sequence step by step, and what matters comes long before it is asked for. Begun as an echo state " +
        "network, with recurrent weights whose spectral radius is 1.1, it learns with momentum what was thought out of reach of gradients.",
    ),
    element("div", { class: "controls" }, problem.root, method.root, hidden.root, updates.root, length.root, rate.root, momentum.root),
    told,
    buttons.root,
    steering.root,
    section("Zero-one error", errors.root, overview.root),
    section(
      "Hidden states over time",
      element(
        "p",
        {},
        "Blue is negative, orange positive, by the square root, so that small states show. What is remembered is a stripe that lasts.",
      ),
      states.root,
    ),
    section(
      "Spectral radius",
      element(
        "p",
        {},
        "The largest modulus among the eigenvalues of the recurrent weights: below 1 what was read dies away, far above 1 it explodes.",
      ),
      radii.root,
    ),
    section("Files", dropZone("A checkpoint of heavyball train, to go on with", "Choose a file", take)),
  );
  void lane.find().then(() => states.refresh());
  whileAtWork([lane], root, () => {
    draw();
    void states.refresh();
  });
  draw();
}
