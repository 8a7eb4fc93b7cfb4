/**
 * The last line of .ci/run: "N passed, N failed" on its own, the real totals of as-pect and vitest.
 *
 *   node scripts/test-totals.mjs LOG STATUS      LOG: what `npm test` printed; STATUS: the worst exit code of the whole run
 *
 * as-pect's totals are read from the log ("[Tests]: 12 / 12"), vitest's from build/tests/vitest.json, vitest-relaxed.json
 * (scripts/test-relaxed.mjs) and vitest-wide*.json (scripts/test-wide.mjs), one count for each project and engine a test ran in. A test
 * file that did not even load counts as one failed test, and so does a failure outside any test. Exit code 1 when anything failed or
 * nothing ran.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const [logFile, status] = process.argv.slice(2);
let passed = 0;
let failed = 0;

const log = stripVTControlCharacters(readFileSync(logFile, "utf8"));
const assembly = [...log.matchAll(/^\s*\[Tests\]: (\d+) \/ (\d+)/gm)];
for (const [, good, all] of assembly) {
  passed += Number(good);
  failed += Number(all) - Number(good);
}
if (assembly.length === 0) {
  console.log("as-pect printed no totals: its specs did not finish");
  failed += 1;
}

for (const name of ["vitest", "vitest-relaxed", "vitest-wide-host", "vitest-wide"]) {
  const report = fileURLToPath(new URL(`../build/tests/${name}.json`, import.meta.url));
  if (!existsSync(report)) {
    console.log(`${name} wrote no report: its tests did not finish`);
    failed += 1;
    continue;
  }
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  passed += numPassedTests;
  failed += numFailedTests;
  failed += testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
}

if (status !== "0" && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
