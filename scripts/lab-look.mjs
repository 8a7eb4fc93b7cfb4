/**
 * Looks at the built laboratory in Chromium: how long each page takes from navigation until a first key was answered and drawn, and with a
 * directory, pictures of every page in both themes, on a desk and on a phone, at rest and after a short training.
 *
 *     node scripts/lab-look.mjs [DIRECTORY]
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright";
import { labHeaders } from "../dist/cli/commands/lab.js";
import { serveDirectory } from "../dist/node/serveDirectory.js";
import { CHROMIUM_ARGUMENTS, findChromium } from "./chromium.mjs";

/** What a reader touches first on each page, and the key. */
const first = {
  momentum: ["input[type=range]", "ArrowRight"],
  autoencoder: ["input[type=range]", "ArrowRight"],
  memory: ["input[type=range]", "ArrowRight"],
  digits: [".pad", "ArrowDown"],
  paper: [".studies button", "Enter"],
};
/** Navigations of each page, each in a profile of its own, so that nothing is cached; the middle one counts. */
const REPEATS = 5;

/** A training of some seconds, left while it goes on. */
const trainings = {
  async autoencoder(page) {
    await page.getByRole("combobox", { name: "Updates" }).first().selectOption("300");
    await page.getByRole("button", { name: "Start" }).click();
    const rate = page.getByRole("slider", { name: "NAG: rate now" });
    await rate.waitFor();
    await page.waitForTimeout(8000);
    if (await rate.isEnabled()) for (let at = 0; at < 3; at++) await rate.press("ArrowLeft");
    const momentum = page.getByRole("slider", { name: "CM: momentum now" });
    if (await momentum.isEnabled()) await momentum.press("ArrowRight");
    await page.waitForTimeout(6000);
  },
  async memory(page) {
    await page.getByRole("button", { name: "Start" }).click();
    const momentum = page.getByRole("slider", { name: "Momentum now" });
    await momentum.waitFor();
    await page.waitForTimeout(3000);
    if (await momentum.isEnabled()) await momentum.press("ArrowRight");
    await page.waitForTimeout(4000);
  },
  async digits(page) {
    await page.getByRole("button", { name: "Train" }).click();
    const pad = page.locator(".pad");
    await pad.focus();
    for (const key of [" ", ...Array.from({ length: 14 }, () => "ArrowDown"), " "]) await pad.press(key);
    await page.waitForTimeout(6000);
  },
};

const [directory] = process.argv.slice(2);
const built = fileURLToPath(new URL("../dist/lab/", import.meta.url));
const served = await serveDirectory(built, { port: 0, headers: labHeaders });
const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGUMENTS });
try {
  for (const name of Object.keys(first)) {
    const times = [];
    for (let at = 0; at < REPEATS; at++) times.push(await untilAnswered(name));
    const middle = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
    console.log(
      `${name.padEnd(12)} ${Math.round(middle)} ms from navigation to a first key answered (${times.map(Math.round).join(", ")})`,
    );
  }
  if (directory !== undefined) await takePictures(directory);
} finally {
  await browser.close();
  await served.close();
}

/** Milliseconds of the page's own clock, which begins with the navigation. */
async function untilAnswered(name) {
  const [selector, key] = first[name];
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.addInitScript(() => {
      addEventListener("keydown", () => requestAnimationFrame(() => requestAnimationFrame(() => (window.answered = performance.now()))));
    });
    await page.goto(`${served.address}#${name}`, { waitUntil: "commit" });
    await page.locator(`#page-${name} ${selector}`).first().press(key);
    for (;;) {
      const answered = await page.evaluate(() => window.answered);
      if (answered !== undefined) return answered;
    }
  } finally {
    await context.close();
  }
}

async function takePictures(to) {
  mkdirSync(to, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, width] of Object.entries({ desk: 1100, phone: 360 })) {
      const context = await browser.newContext({
        colorScheme,
        viewport: { width, height: 800 },
        deviceScaleFactor: size === "phone" ? 2 : 1,
      });
      const page = await context.newPage();
      page.on("console", (message) => console.log(`${colorScheme} ${size}: ${message.text()}`));
      page.on("pageerror", (error) => console.log(`${colorScheme} ${size}: ${error}`));
      const take = (name) => page.screenshot({ path: join(to, `${name}-${colorScheme}-${size}.png`), fullPage: true });
      for (const name of Object.keys(first)) {
        await page.goto(`${served.address}#${name}`);
        await page.locator(`#page-${name} h1`).waitFor();
        await page.waitForTimeout(500);
        await take(name);
        if (name in trainings) {
          await trainings[name](page);
          await take(`${name}-at-work`);
        }
      }
      await context.close();
    }
  }
}
