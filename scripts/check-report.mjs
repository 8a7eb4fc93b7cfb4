/**
 * Opens the HTML report of a run in headless Chromium and fails unless it is self-contained: it asks for nothing but itself, throws
 * no error and draws something.
 *
 *   node scripts/check-report.mjs FOLDER      the run's folder, which must hold exactly one .html file
 */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright";
import { CHROMIUM_ARGUMENTS, findChromium } from "./chromium.mjs";

const folder = resolve(process.argv[2]);
const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".html"));
if (files.length !== 1) {
  console.error(`expected one .html file in ${folder}, found ${files.length}: ${files.join(", ")}`);
  process.exit(1);
}
const address = pathToFileURL(join(folder, files[0])).href;
const problems = [];
const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGUMENTS });
try {
  const page = await browser.newPage();
  page.on("request", (request) => {
    if (request.url() !== address && !/^(data|blob):/.test(request.url())) problems.push(`it asks for ${request.url()}`);
  });
  page.on("pageerror", (error) => problems.push(`it throws ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`it logs the error ${message.text()}`);
  });
  await page.goto(address, { waitUntil: "load" });
  const drawn = await page.locator("svg, canvas, img").count();
  if (drawn === 0) problems.push("it holds no picture");
  console.log(`${files[0]}: ${drawn} pictures, ${problems.length} problems`);
} finally {
  await browser.close();
}
for (const problem of problems) console.error(`${files[0]}: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
