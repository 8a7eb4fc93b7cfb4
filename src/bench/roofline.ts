import { PROGRAM_ROOFLINE } from "../abi/programs.js";
import type { Engine } from "../runtime/engine.js";
import { Arena } from "../runtime/memory.js";
import type { Work } from "./work.js";

/** Operations of one iteration of assembly/roofline.ts. */
const OPERATIONS = 384;
const ITERATIONS = 20_000;

/** The register-only multiply-add loop, run by every thread of the team at once: the roof that kernels are held against. */
export function rooflineWork(engine: Engine): Work {
  const arena = new Arena(engine.memory);
  const args = arena.allocate(4, "benchmark");
  engine.memory.i32[args >> 2] = ITERATIONS;
  const team = engine.use();
  return {
    run: () => team.run(PROGRAM_ROOFLINE, args),
    operations: OPERATIONS * ITERATIONS * engine.threads,
    dispose: () => arena.release(),
  };
}
