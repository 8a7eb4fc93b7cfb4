/** Runs of the laboratory in real Chromium: several side by side, changed while they are paused, and carried to Node and back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  memoryStore,
  type Report,
  type RunSoFar,
  runOfCheckpoint,
  runTrial,
  type TrialEvent,
  type TrialRecord,
  type TrialSpec,
  takeUpCheckpoint,
} from "heavyball";
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "#internal/formats/digest";
import { lineStyles } from "#internal/report/plot/palette";
import { runCommand } from "../support/childProcess.js";
import { downloaded, downloadedJson, keptContent, Laboratory, slide } from "../support/laboratory.js";
import { withoutSeconds } from "../support/storedTrials.js";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
/** Beside other work one thread is the quickest; any number gives the same bits. */
const runtime = { kernels: "simd", threads: 1 } as const;
/** Milliseconds, only to end a hang: three deep networks are trained twice. */
const PATIENCE = 420_000;
/** The race's entrants here: what the page calls them, their methods, and the line styles they are drawn in. */
const racers = [
  ["SGD", "sgd", 0],
  ["CM", "classicalMomentum", 1],
  ["NAG", "nesterov", 2],
] as const;

/** The model that a spec ends with in Node, uninterrupted, and its record. */
async function endInNode(spec: unknown, events?: readonly TrialEvent[]): Promise<{ model: string; record: TrialRecord }> {
  const store = memoryStore();
  const record = await runTrial(spec, { runtime, store, events });
  return { model: await sha256Hex((await store.read("model.safetensors"))!), record };
}

const model = (page: Page, run: string) => keptContent(page, run, "model.safetensors", "sha256");
const reportsOf = async (page: Page, run: string) => {
  const lines = (await keptContent(page, run, "reports.jsonl")).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Report);
};

/** Pixels of a chart that have about the colors. */
async function drawn(page: Page, chart: string, colors: readonly string[]): Promise<number[]> {
  return page.evaluate(
    ([chart, colors]) => {
      const canvas = document.querySelector<HTMLCanvasElement>(`${chart} canvas`);
      if (canvas === null) return colors.map(() => 0);
      // A copy: the browser warns of a chart that is read again and again.
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true })!;
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      return colors.map((color) => {
        const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
        let found = 0;
        for (let at = 0; at < data.length; at += 4)
          if (data[at + 3] > 200 && wanted.every((level, part) => Math.abs(level - data[at + part]) < 16)) found++;
        return found;
      });
    },
    [chart, colors] as const,
  );
}

describe.skipIf(Laboratory.executable === undefined)("runs of the laboratory", () => {
  let laboratory: Laboratory;
  const folder = mkdtempSync(join(tmpdir(), "heavyball-lab-"));
  beforeAll(async () => void (laboratory = await Laboratory.open()));
  afterAll(async () => {
    await laboratory?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    "race from one start with living curves, are changed while they are paused, and end with the bits of Node",
    async () => {
      const { page, complaints } = await laboratory.page("autoencoder");
      const button = (name: string) => page.locator("#page-autoencoder").getByRole("button", { name, exact: true });
      await page.getByRole("combobox", { name: "Images" }).selectOption("1,000 curves");
      await page.getByRole("combobox", { name: "Updates" }).selectOption("100");
      await button("Start").click();
      const colors = racers.map(([, , style]) => lineStyles[style].light);
      const fewest = async () => Math.min(...(await drawn(page, "#page-autoencoder .chart", colors)));
      await expect.poll(fewest, { timeout: PATIENCE }).toBeGreaterThan(10);
      await button("Pause").click();
      await page.getByText("Paused; the browser keeps it").waitFor();

      const momentum = page.getByRole("slider", { name: "NAG: momentum now" });
      const rate = page.getByRole("slider", { name: "NAG: rate now" });
      await expect.poll(() => momentum.isEnabled()).toBe(true);
      await momentum.fill("0.5");
      // No key is lost while the change by the one before it is made.
      for (let at = 0; at < 3; at++) await rate.press("ArrowLeft");
      await page.getByText(/^Changed: rate 0\.00794, momentum 0\.5 from update [\d,]+\.$/).waitFor();
      const { content: paused } = await downloadedJson<{ spec: TrialSpec; events: TrialEvent[] }>(page, "Download the record of NAG");
      const { update } = await runOfCheckpoint((await downloaded(page, "Download the checkpoint of NAG")).bytes);
      expect(paused.events).toEqual([{ update, momentum: 0.5, learningRate: 0.00794 }]);
      await page.reload();
      await page.getByText(/^Changed: .*momentum 0\.5 from update/).waitFor();
      expect(await momentum.inputValue()).toBe("0.5");

      await button("Go on").click();
      await expect.poll(() => page.getByText("finished: all 100 updates were made").count(), { timeout: PATIENCE }).toBe(racers.length);
      const starts = new Set<number | undefined>();
      for (const [name, method] of racers) {
        const { content: record } = await downloadedJson<TrialRecord>(page, `Download the record of ${name}`);
        expect(record.spec.optimizer.method).toBe(method);
        expect(record.events, name).toEqual(method === "nesterov" ? paused.events : undefined);
        const ended = await endInNode(record.spec, record.events);
        expect(withoutSeconds(record.reports), name).toEqual(withoutSeconds(ended.record.reports));
        expect(withoutSeconds(await reportsOf(page, `autoencoder ${method}`))).toEqual(withoutSeconds(ended.record.reports));
        expect(await model(page, `autoencoder ${method}`), name).toBe(ended.model);
        starts.add(record.reports[0].trainingError);
      }
      expect(starts.size).toBe(1);
      expect(await fewest()).toBeGreaterThan(10);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    PATIENCE,
  );

  it("give files that parse, with which Node and the page itself go on to the bits of a run that was never paused", async () => {
    const { page, complaints } = await laboratory.page("memory");
    const button = (name: string) => page.locator("#page-memory").getByRole("button", { name, exact: true });
    await slide(page, "Length T", 12);
    await page.getByRole("combobox", { name: "Hidden units" }).selectOption("20");
    await button("Start").click();
    await page.getByText("Training in Workers").waitFor();
    await button("Pause").click();
    await page.getByText("Paused; the browser keeps it").waitFor();
    const { name, content: spec } = await downloadedJson<TrialSpec>(page, "Download the spec of Network");
    const checkpoint = await downloaded(page, "Download the checkpoint of Network");
    const { content: record } = await downloadedJson<RunSoFar>(page, "Download the record of Network");
    expect([name, checkpoint.name]).toEqual(["spec.json", "checkpoint.bin"]);
    expect(spec).toEqual(JSON.parse(await keptContent(page, "memory", "spec.json")));
    const begun = await runOfCheckpoint(checkpoint.bytes, checkpoint.name);
    expect(begun.spec).toEqual(spec);
    expect(begun.update).toBeLessThan(spec.updates);
    // Paused before its first update, it makes the report of its starting point again when it goes on.
    const kept = record.reports.filter(({ update }) => update > 0 || begun.update > 0);
    expect({ ...record, reports: kept }).toEqual({ spec, reports: begun.reports });

    const whole = await endInNode(spec);
    const store = memoryStore();
    await takeUpCheckpoint(store, checkpoint.bytes);
    const ended = await runTrial(spec, { runtime, store, resume: true });
    expect(await sha256Hex((await store.read("model.safetensors"))!)).toBe(whole.model);
    expect(withoutSeconds(ended.reports)).toEqual(withoutSeconds(whole.record.reports));

    writeFileSync(join(folder, "spec.json"), JSON.stringify(spec));
    writeFileSync(join(folder, "checkpoint.bin"), checkpoint.bytes);
    const { code, errors } = await runCommand(process.execPath, [main, "train", "--resume", "--out", folder], { milliseconds: 120_000 });
    expect(code, errors).toBe(0);
    expect(await sha256Hex(new Uint8Array(readFileSync(join(folder, "model.safetensors"))))).toBe(whole.model);

    await button("Clear").click();
    await button("Start").waitFor();
    const file = { name: checkpoint.name, mimeType: "", buffer: Buffer.from(checkpoint.bytes) };
    await page.locator("#page-memory input[type=file]").setInputFiles(file);
    await page.getByText(`memory5 after ${begun.update.toLocaleString("en")} updates: it goes on from there.`).waitFor();
    await button("Go on").click();
    await page.getByText("finished: all 2000 updates were made").waitFor();
    expect(await model(page, "memory")).toBe(whole.model);
    expect(withoutSeconds(await reportsOf(page, "memory"))).toEqual(withoutSeconds(whole.record.reports));
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
