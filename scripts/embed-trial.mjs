/** Writes src/runtime/embedded/browserTrial.ts, the source of a trial's Worker, most of the library: before tsc, at every build. */
import { embedTrial } from "./embed.mjs";

await embedTrial();
