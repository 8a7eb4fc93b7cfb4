import { PROGRAM_ROOFLINE } from "../abi/programs.js";
import type { Engine } from "../runtime/engine.js";
import { Arena } from "../runtime/memory.js";
import { gigaflops, timeEach } from "./clock.js";

/** Operations of one iteration of assembly/roofline.ts. */
const OPERATIONS = 384;
const ITERATIONS = 20_000;

/** GF/s of the register-only multiply-add loop, run by every thread of the team at once: the roof that kernels are held against. */
export async function measureRoofline(engine: Engine, milliseconds: number): Promise<number> {
  const arena = new Arena(engine.memory);
  const args = arena.allocate(4, "benchmark");
  engine.memory.i32[args >> 2] = ITERATIONS;
  const team = engine.use();
  const { roofline } = await timeEach({ roofline: () => team.run(PROGRAM_ROOFLINE, args) }, milliseconds);
  arena.release();
  return gigaflops(OPERATIONS * ITERATIONS * engine.threads, roofline);
}
