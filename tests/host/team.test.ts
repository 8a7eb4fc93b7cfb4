import { createRuntime, type Runtime } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MEMBERS, STATUS_LOST, ZEROS } from "#internal/abi/control";
import { PROGRAM_ROOFLINE } from "#internal/abi/programs";
import { poison } from "#internal/runtime/teamMember";
import { runTeam, TEAMS, type TeamReport } from "../support/teamJobs.js";
import { onPage, teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

describe.each(variants)("teams on the %s kernels", (kernels) => {
  const reports = new Map<number, TeamReport>();
  beforeAll(async () => {
    // On a page tests/browser/team.test.ts runs the same jobs in a worker.
    for (const threads of onPage ? [1] : TEAMS) reports.set(threads, await runTeam(threads, kernels));
  });

  it("are as large as was asked for", () => {
    for (const [threads, report] of reports) expect(report.threads).toBe(threads);
  });

  it.each(["train", "trainAdam", "trainCurves", "trainSequences", "read", "curve", "solve"])(
    "give the same bits whatever their size: %s",
    (job) => {
      const digests = [...reports.values()].map((report) => report.digests[job]);
      expect(digests.every((digest) => /^[0-9a-f]{64}$/.test(digest))).toBe(true);
      expect([...new Set(digests)]).toEqual([digests[0]]);
    },
  );

  it("give the same bits when asked again", async () => {
    expect(await runTeam(1, kernels)).toEqual(reports.get(1));
  });
});

describe("a team's control block", () => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2) });
  });
  afterAll(() => runtime.dispose());

  it("has room for every member and its own zeros", () => {
    const { control, members } = runtime.use();
    const words = runtime.memory.i32;
    expect(members).toBe(runtime.threads);
    expect(words[(control + MEMBERS) / 4]).toBe(members);
    for (let i = 0; i < 16; i++) expect(words[(control + ZEROS) / 4 + i]).toBe(0);
  });

  it("answers nothing but `lost` once it is poisoned", () => {
    const { control, kernels } = runtime.use();
    const args = runtime.memory.allocate(64, "test");
    runtime.memory.i32[args / 4] = 10;
    expect(kernels.lead(control, PROGRAM_ROOFLINE, args)).toBe(0);
    poison(runtime.memory.memory, control);
    expect(kernels.lead(control, PROGRAM_ROOFLINE, args)).toBe(STATUS_LOST);
    expect(() => runtime.use().run(PROGRAM_ROOFLINE, args)).toThrow(/a helper thread was lost.*dispose of this runtime and create another/);
  });
});
