/** The examples that are pages, in Chromium. The React page, whose packages are not here, is in tests/loading. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../scripts/chromium.mjs";
import { copyExample, served } from "../support/examplePages.js";
import { installPackage } from "../support/loading/project.js";
import { serve, Visitor } from "../support/loading/site.js";

const project = mkdtempSync(join(tmpdir(), "heavyball-examples-"));
const visitor = new Visitor();
beforeAll(() => installPackage(project));
afterAll(async () => {
  await visitor.close();
  rmSync(project, { recursive: true, force: true });
});

const patience = { timeout: 120_000 };

describe.skipIf(findChromium() === undefined)("examples/", () => {
  it("one-script-tag.html learns the rings, with one file beside it and no headers", async () => {
    copyExample("one-script-tag.html", project);
    copyFileSync(join(project, "node_modules/heavyball/dist/web/heavyball.js"), join(project, "heavyball.js"));
    const site = await serve(project);
    try {
      await visitor.look(`${site.address}one-script-tag.html`, async (page, said) => {
        await page.locator("output", { hasText: "done" }).waitFor(patience);
        const [, updates, right] = /^(\d+) updates: ([\d.]+) % of 1600 points .* are right; done$/.exec(
          (await page.locator("output").textContent())!,
        )!;
        expect(updates).toBe("2000");
        expect(Number(right)).toBeGreaterThan(95);
        expect(said).toEqual([]);
        // The disc in the middle and the ring around it have their colors.
        const pixel = (at: number) =>
          page.evaluate((at) => [...document.querySelector("canvas")!.getContext("2d")!.getImageData(at, 80, 1, 1).data], at);
        expect((await pixel(80))[0]).toBeGreaterThan(200);
        expect((await pixel(148))[0]).toBeLessThan(55);
      });
    } finally {
      await site.close();
    }
  });

  it.each(["dev", "build"] as const)("worker-page learns in its Worker on several threads, and the page is free: vite %s", async (as) => {
    const folder = copyExample("worker-page", join(project, as));
    await served(folder, as, project, (address) =>
      visitor.look(address, async (page, said) => {
        await page.locator("output", { hasText: "done" }).waitFor(patience);
        const text = (await page.locator("output").textContent())!;
        const [, updates, threads, error] = /^(\d+) updates on (\d+) threads?: squared error ([\d.]+); done$/.exec(text)!;
        expect(updates).toBe("600");
        expect(Number(threads)).toBe(await page.evaluate(() => navigator.hardwareConcurrency));
        // The mean image costs about 17.
        expect(Number(error)).toBeLessThan(6);
        expect(Number(await page.locator("#frames").textContent())).toBeGreaterThan(10);
        expect(said).toEqual([]);
      }),
    );
  });

  it("worker-page stops when it is told to", async () => {
    const folder = copyExample("worker-page", join(project, "stopped"));
    await served(folder, "build", project, (address) =>
      visitor.look(address, async (page) => {
        await page.locator("output", { hasText: "updates" }).waitFor(patience);
        await page.getByRole("button", { name: "Stop" }).click();
        await page.locator("output", { hasText: "stopped" }).waitFor(patience);
        expect(Number.parseInt((await page.locator("output").textContent())!, 10)).toBeLessThan(600);
      }),
    );
  });
});
