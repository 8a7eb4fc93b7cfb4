/**
 * Compiles assembly/ into the three WebAssembly binaries and puts them where the package carries them:
 *
 *   build/<variant>.wasm                     what asc wrote (targets of asconfig.json)
 *   dist/wasm/<variant>.wasm                 the raw file, for whoever streams it or may not compile at run time;
 *                                            none of wide, which is embedded for Node alone
 *   src/runtime/embedded/                    the same bytes inside modules (scripts/embed.mjs); tsc emits them, git ignores them
 *
 * Nothing is compiled while the sources, the options and the compiler are those of the last build (a hash in build/),
 * so `npm test` and `npm start` cost nothing here. Fails when a binary is over the size budget.
 *
 *   node scripts/build-wasm.mjs [--force]
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { embed, root, writeIfDifferent } from "./embed.mjs";

const VARIANTS = ["simd", "relaxed", "wide"];
/** Bytes a gzipped binary may take: it travels inlined in every page that uses the package. */
const GZIP_BUDGET = 40_000;

const force = process.argv.includes("--force");

/** Every source file that goes into a binary, in a stable order; specs are as-pect's. */
function sources(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "__tests__" ? [] : sources(path);
      return entry.name.endsWith(".ts") ? [path] : [];
    });
}

/** One digest of all that decides the bytes of a binary. */
function inputsDigest() {
  const hash = createHash("sha256").update(createRequire(import.meta.url)("assemblyscript/package.json").version);
  for (const path of [join(root, "asconfig.json"), ...sources(join(root, "assembly")), ...sources(join(root, "src", "abi"))]) {
    const content = readFileSync(path);
    hash.update(`\0${relative(root, path)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

async function compile(asc, variant) {
  const { error, stderr } = await asc.main(["--target", variant, "--baseDir", root]);
  const messages = stderr.toString().trim();
  if (messages !== "") console.error(messages);
  if (!error) return;
  console.error(`asc could not build the variant "${variant}": ${error.message}`);
  process.exit(1);
}

const digestFile = join(root, "build", "wasm.digest");
const binary = (variant) => join(root, "build", `${variant}.wasm`);
const digest = inputsDigest();
const upToDate =
  !force &&
  VARIANTS.every((variant) => existsSync(binary(variant))) &&
  existsSync(digestFile) &&
  readFileSync(digestFile, "utf8") === digest;

if (!upToDate) {
  // The digest goes first and comes back last: an interrupted build is never taken for a finished one.
  rmSync(digestFile, { force: true });
  const asc = await import("assemblyscript/asc");
  for (const variant of VARIANTS) await compile(asc, variant);
  writeFileSync(digestFile, digest);
}

for (const variant of VARIANTS) {
  const bytes = readFileSync(binary(variant));
  const gzipped = gzipSync(bytes, { level: 9 }).length;
  console.log(`${variant}.wasm  ${bytes.length} bytes, ${gzipped} gzipped${upToDate ? "  (unchanged)" : ""}`);
  if (gzipped > GZIP_BUDGET) {
    console.error(`${variant}.wasm is ${gzipped} bytes gzipped, over the budget of ${GZIP_BUDGET}: make the module smaller`);
    process.exitCode = 1;
  }
  if (variant !== "wide") writeIfDifferent(join(root, "dist", "wasm", `${variant}.wasm`), bytes);
}

await embed(Object.fromEntries(VARIANTS.map((variant) => [variant, readFileSync(binary(variant))])));
