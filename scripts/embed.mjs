/** Writes src/runtime/embedded/: what the library carries inside its JavaScript, so that nothing has to lie beside it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import { build } from "esbuild";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Writes only what changed, so that time stamps (and whoever watches them) stay quiet. */
export function writeIfDifferent(path, content) {
  const bytes = Buffer.from(content);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** Bytes of each binary that stand together: deflate looks back 32 KiB, and what is the same in another must not be farther away. */
const CHUNK = 8192;

/**
 * A module that holds binaries, chunks of them in turn, deflated as one: `simd` and `relaxed` are nearly the same and cost little more than
 * one (`unpack` of src/runtime/embeddedKernels.ts takes them apart).
 * @param {Record<string, Uint8Array>} binaries
 */
export function packedModule(binaries) {
  const sizes = Object.fromEntries(Object.entries(binaries).map(([name, { length }]) => [name, length]));
  const parts = [];
  for (let at = 0; at < Math.max(...Object.values(sizes)); at += CHUNK) {
    for (const bytes of Object.values(binaries)) parts.push(bytes.subarray(at, at + CHUNK));
  }
  const deflated = deflateRawSync(Buffer.concat(parts), { level: 9, memLevel: 9 });
  return (
    `/** ${Object.keys(binaries).join(" and ")}, in turn, deflated (scripts/embed.mjs). */\nexport const chunk = ${CHUNK};\n` +
    `export const sizes = ${JSON.stringify(sizes)};\nexport const deflated: string =\n  "${deflated.toString("base64")}";\n`
  );
}

/** Puts a module's source, with all it imports, into one text: a thread that no file is needed for. */
async function helperModule(entry, format, external = [], alias = {}) {
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    write: false,
    minify: true,
    format,
    external,
    alias,
    target: "es2022",
    charset: "ascii",
    tsconfigRaw: "{}",
  });
  const source = outputFiles[0].text.trim();
  return `/** ${entry} and all it imports (scripts/embed.mjs). */\nexport const source: string =\n  ${JSON.stringify(source)};\n`;
}

/** @param {Record<"simd" | "relaxed" | "wide", Uint8Array>} binaries */
export async function embed({ simd, relaxed, wide }) {
  const folder = join(root, "src", "runtime", "embedded");
  writeIfDifferent(join(folder, "kernels.ts"), packedModule({ simd, relaxed }));
  writeIfDifferent(join(folder, "wide.ts"), packedModule({ wide }));
  writeIfDifferent(join(folder, "browserHelper.ts"), await helperModule("src/web/teamWorker.ts", "iife"));
  writeIfDifferent(join(folder, "nodeHelper.ts"), await helperModule("src/node/teamWorker.ts", "cjs", ["node:*"]));
}

/** The source of a trial's Worker. It holds the modules that `embed` writes. */
export async function embedTrial() {
  const alias = { "#platform": join(root, "src", "web", "platform.ts") };
  writeIfDifferent(
    join(root, "src", "runtime", "embedded", "browserTrial.ts"),
    await helperModule("src/web/trialWorker.ts", "iife", [], alias),
  );
}
