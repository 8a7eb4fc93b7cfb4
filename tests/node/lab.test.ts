/** The laboratory in real Chromium, served as `heavyball lab` serves it: isolated, and under its strict policy. */
import { memoryStore, type Report, runTrial, type Store, type TrialRecord, type TrialSpec } from "heavyball";
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "#internal/formats/digest";
import { encodePng } from "#internal/report/plot/png";
import { downloadedJson, keptContent, Laboratory, slide } from "../support/laboratory.js";
import { withoutSeconds } from "../support/storedTrials.js";

const pages = {
  momentum: "Momentum",
  autoencoder: "Deep autoencoder",
  memory: "Long memory",
  digits: "Digits",
  paper: "The paper",
};
const digestOf = async (store: Store, name: string) => sha256Hex((await store.read(name))!);

describe.skipIf(Laboratory.executable === undefined)("the laboratory", () => {
  let laboratory: Laboratory;
  beforeAll(async () => void (laboratory = await Laboratory.open()));
  afterAll(() => laboratory?.close());

  describe.each([
    ["light", 1100],
    ["dark", 1100],
    ["light", 360],
  ] as const)("%s, %i pixels wide", (colorScheme, width) => {
    it("shows every page without a word in the console, and nothing is too wide", async () => {
      const { page, complaints } = await laboratory.page("momentum", { colorScheme, viewport: { width, height: 800 } });
      for (const [name, title] of Object.entries(pages)) {
        await page.locator("nav").getByRole("link", { name: title }).click();
        await page.locator("h1:visible", { hasText: title }).waitFor();
        expect(await page.title()).toBe(`${title} · heavyball laboratory`);
        expect(await page.locator("nav [aria-current]").textContent()).toBe(title);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), name).toBeLessThanOrEqual(0);
        const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        expect(background).toBe(colorScheme === "dark" ? "rgb(20, 24, 29)" : "rgb(255, 255, 255)");
      }
      expect(complaints).toEqual([]);
      await page.context().close();
    });
  });

  it("moves the start of the momentum page by the keyboard, and tells what diverges", async () => {
    const { page, complaints } = await laboratory.page("momentum");
    const handle = page.locator(".handle");
    await handle.focus();
    expect(await handle.getAttribute("aria-label")).toContain("x -4.0, y 2.0");
    await handle.press("ArrowRight");
    await handle.press("ArrowDown");
    expect(await handle.getAttribute("aria-label")).toContain("x -3.9, y 1.9");
    expect(await page.locator("table").first().textContent()).not.toContain("diverges: above");
    await page.getByRole("button", { name: "Too steep for NAG" }).press("Enter");
    const rows = await page.locator("table").first().locator("tbody tr").allTextContents();
    expect(rows.map((row) => row.includes("diverges: above its start from update"))).toEqual([false, false, true, false]);
    // (2 (1 + 0.9)) / ((1 + 1.8) 20), from where on NAG diverges.
    expect(rows[2]).toContain("0.0679");
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("trains until the error is low, pauses, is reloaded and goes on to the bits of Node", async () => {
    const { page, complaints } = await laboratory.page("memory");
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await slide(page, "Length T", 12);
    await page.getByRole("button", { name: "Start" }).click();
    const error = page.locator("#page-memory .scroll td:nth-of-type(2)");
    // Of the five symbols 2.5 are wrong where nothing was learned. (A function of the page's to wait for would be eval to its policy.)
    await expect.poll(async () => Number(await error.first().textContent()), { timeout: 60_000 }).toBeLessThan(2);
    const status = page.locator("#page-memory .status");
    if ((await page.evaluate(() => navigator.hardwareConcurrency)) > 1)
      expect(await status.textContent()).toMatch(/on [2-9]\d* threads each/);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused; the browser keeps it").waitFor();
    const before = JSON.parse(await keptContent(page, "memory", "spec.json")) as TrialSpec;
    expect(before.updates).toBe(2000);

    await page.reload();
    await page.getByText("Paused; the browser keeps it").waitFor();
    expect(await page.locator("#page-memory .scroll td:nth-of-type(1)").first().textContent()).toMatch(/^(?!0 )[\d,]+ of 2,000$/);
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("finished: all 2000 updates were made").waitFor();

    const store = memoryStore();
    const record = await runTrial(before, { runtime: { kernels: "simd", threads: 1 }, store });
    const reports = (await keptContent(page, "memory", "reports.jsonl")).trim().split("\n");
    expect(withoutSeconds(reports.map((line) => JSON.parse(line) as Report))).toEqual(withoutSeconds(record.reports));
    expect(await keptContent(page, "memory", "model.safetensors", "sha256")).toBe(await digestOf(store, "model.safetensors"));
    expect(record.final!.zeroOne).toBeLessThan(2);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("changes momentum and rate by the keyboard while it trains, and the record repeats that to the bit", async () => {
    const { page, complaints } = await laboratory.page("memory");
    await slide(page, "Length T", 12);
    await page.getByRole("combobox", { name: "Hidden units" }).selectOption("20");
    await page.getByRole("combobox", { name: "Updates" }).selectOption("500");
    expect(await page.getByText("From here on").isVisible()).toBe(false);
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByRole("slider", { name: "Momentum now" }).press("ArrowRight");
    await page.getByText(/^Changed: momentum 0\.901 from update [\d,]+\.$/).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Paused; the browser keeps it").waitFor();
    await page.reload();
    await page.getByText(/^Changed: momentum 0\.901 from update/).waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    const rate = page.getByRole("slider", { name: "Rate now" });
    await expect.poll(() => rate.isEnabled()).toBe(true);
    await rate.press("ArrowLeft");
    await page.getByText(/; rate 9\.3e-4 from update [\d,]+\.$/).waitFor();
    await page.getByText("finished: all 500 updates were made").waitFor();

    const { name, content: record } = await downloadedJson<TrialRecord>(page, "Download the record of Network");
    expect(name).toBe("memory-record.json");
    expect(record.events?.map(({ update: _, ...change }) => Object.keys(change))).toEqual([["momentum"], ["learningRate"]]);
    expect(record.events?.[0].momentum).toBe(0.901);
    expect((record.spec.optimizer as { momentum?: number }).momentum).toBe(0.9);
    const store = memoryStore();
    const repeated = await runTrial(record.spec, { runtime: { kernels: "simd", threads: 1 }, store, events: record.events });
    expect(withoutSeconds(record.reports)).toEqual(withoutSeconds(repeated.reports));
    expect(await keptContent(page, "memory", "model.safetensors", "sha256")).toBe(await digestOf(store, "model.safetensors"));
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("trains on pictures that are dropped on it", async () => {
    const { page, complaints } = await laboratory.page("autoencoder");
    const pictures = Array.from({ length: 24 }, (_, at) => {
      const levels = Array.from({ length: 20 * 20 }, (_, i) => (i % 20 > at % 18 ? 0.9 : 0.1));
      return { name: `${at}.png`, content: Array.from(encodePng(levels, 20, 20)) };
    });
    const transfer = await page.evaluateHandle((files) => {
      const made = new DataTransfer();
      for (const { name, content } of files) made.items.add(new File([new Uint8Array(content)], name, { type: "image/png" }));
      return made;
    }, pictures);
    await page.locator("#page-autoencoder .drop").dispatchEvent("drop", { dataTransfer: transfer });
    await page.getByText("22 images to train on, 2 to test on: the autoencoder is that of MNIST.").waitFor();
    await page.getByRole("combobox", { name: "Updates" }).and(page.locator(":visible")).selectOption("100");
    for (const name of ["SGD", "CM"]) await page.getByRole("checkbox", { name }).uncheck();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("finished: all 100 updates were made").waitFor();
    await page.getByRole("img", { name: "NAG after 100 updates" }).waitFor();
    await page.getByRole("img", { name: "Filters" }).waitFor();
    const spec = JSON.parse(await keptContent(page, "autoencoder nesterov", "spec.json")) as TrialSpec;
    expect(spec.task).toMatchObject({ name: "mnist", cases: 22, testCases: 2 });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("takes up a checkpoint that was made in Node, and shows what the network makes of images", async () => {
    const optimizer = { method: "nesterov", learningRate: 0.01, momentum: 0.9 };
    const spec = { task: { name: "curves", cases: 300, testCases: 20 }, optimizer, batchSize: 100, updates: 4, seed: 1 };
    const runtime = { kernels: "simd", threads: 1 } as const;
    const begun = memoryStore();
    const controller = new AbortController();
    const onReport = ({ update }: Report) => (update === 2 ? controller.abort() : undefined);
    await runTrial(spec, { runtime, store: begun, signal: controller.signal, onReport });
    const whole = memoryStore();
    await runTrial(spec, { runtime, store: whole });

    const { page, complaints } = await laboratory.page("autoencoder");
    const checkpoint = Buffer.from((await begun.read("checkpoint.bin"))!);
    await page.locator("#page-autoencoder input[type=file]").setInputFiles({ name: "checkpoint.bin", mimeType: "", buffer: checkpoint });
    await page.getByText("NAG after 2 updates: it goes on from there.").waitFor();
    await page.getByRole("button", { name: "Go on" }).click();
    await page.getByText("finished: all 4 updates were made").waitFor();
    expect(await keptContent(page, "autoencoder nesterov", "model.safetensors", "sha256")).toBe(await digestOf(whole, "model.safetensors"));
    await page.getByRole("img", { name: "NAG after 4 updates" }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("reads digits that are drawn by the keyboard, while it learns", async () => {
    const { page, complaints } = await laboratory.page("digits");
    await page.getByRole("button", { name: "Train" }).click();
    const pad = page.locator(".pad");
    await pad.focus();
    for (const key of [" ", ...Array.from({ length: 14 }, () => "ArrowDown"), " "]) await pad.press(key);
    await page.getByText("It reads 1: ").waitFor();
    await pad.press("Delete");
    expect(await page.locator(".verdict").textContent()).toBe("Draw a digit.");
    await page.locator("#page-digits .status", { hasText: "written digits are read right" }).waitFor();
    expect(await page.locator("#page-digits .status").textContent()).toMatch(/Trained: 9\d\.\d\d % of/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("answers a wrong file with a sentence", async () => {
    const { page, complaints } = await laboratory.page("autoencoder");
    const drop = async (page: Page, name: string, sentence: RegExp, file: string, content = "not what it says", mimeType = "") => {
      await page
        .locator("nav")
        .getByRole("link", { name: pages[name as keyof typeof pages] })
        .click();
      const input = page.locator(`#page-${name} input[type=file]`);
      await input.setInputFiles({ name: file, mimeType, buffer: Buffer.from(content) });
      await page.locator(`#page-${name} .drop .bad`, { hasText: sentence }).waitFor();
    };
    await drop(page, "autoencoder", /^notes\.txt is neither a picture nor a file of MNIST's images/, "notes.txt");
    await drop(page, "autoencoder", /^cat\.png is no picture that this browser can read/, "cat.png", "meow", "image/png");
    await drop(page, "autoencoder", /^checkpoint\.bin: at byte \d+, expected a checkpoint/, "checkpoint.bin");
    await drop(page, "memory", /^checkpoint\.bin: at byte \d+, expected a checkpoint/, "checkpoint.bin");
    await drop(page, "digits", /^Drop train-images-idx3-ubyte and train-labels-idx1-ubyte/, "notes.txt");
    await drop(page, "digits", /^Drop both: the labels that belong to train-images/, "train-images-idx3-ubyte");
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

describe.skipIf(Laboratory.executable === undefined)("the laboratory on a host that sends no headers", () => {
  it("trains on one thread and says why", async () => {
    const laboratory = await Laboratory.open({});
    const { page, complaints } = await laboratory.page("memory");
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("on 1 thread each (memory cannot be shared: serve the page with").waitFor();
    expect(complaints).toEqual([]);
    await laboratory.close();
  });
});
