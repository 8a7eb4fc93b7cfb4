import { createRuntime } from "heavyball";
import { describe, expect, it } from "vitest";
import { measureVanishing, SEQUENCES, type SequenceName, sequenceUpdate } from "#internal/bench/recurrent";
import { measureWorks } from "#internal/bench/work";

/** That the benchmark runs and reports what it says; its figures are for people on idle machines. */
describe("the benchmark of recurrent updates", () => {
  it("times every shape, and the updates in which gradients vanish", async () => {
    const runtime = await createRuntime({ threads: 1 });
    for (const name of Object.keys(SEQUENCES) as SequenceName[]) {
      const { figure } = await measureWorks({ figure: sequenceUpdate(runtime, name) }, 1);
      expect(figure.milliseconds).toBeGreaterThan(0);
      const nominal = 6 * 100 * SEQUENCES[name].steps * (SEQUENCES[name].inputs + 100) * 100;
      expect((figure.gigaflops * figure.milliseconds * 1e6) / nominal).toBeCloseTo(1, 1);
    }
    const { updates, median, slowest, healthy } = await measureVanishing(runtime, 5, 1);
    expect(updates).toBe(5);
    expect(median).toBeGreaterThan(0);
    expect(slowest).toBeGreaterThanOrEqual(median);
    expect(healthy).toBeGreaterThan(0);
    await runtime.dispose();
  });
});
