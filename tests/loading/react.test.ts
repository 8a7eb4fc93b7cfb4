/** examples/react-page, whose packages are those of tests/loading/package.json. */
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { copyExample, served } from "../support/examplePages.js";
import { Visitor, WORKPLACE } from "./workplace.js";

const visitor = new Visitor();
afterAll(() => visitor.close());

it.each(["dev", "build"] as const)("the React page learns, pauses, is left, and goes on: vite %s", async (as) => {
  const folder = copyExample("react-page", join(WORKPLACE, "projects", `react-${as}`));
  await served(folder, as, WORKPLACE, (address) =>
    visitor.look(address, async (page, said) => {
      const state = (what: string) => page.locator("output", { hasText: what }).waitFor({ timeout: 120_000 });
      await page.getByRole("button", { name: "Start or go on" }).click();
      await page.locator("#error").waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await state("stopped");
      await page.reload();
      await page.getByRole("button", { name: "Start or go on" }).click();
      await state("finished");
      const text = (await page.locator("main").textContent())!;
      expect(text).toMatch(/It went on from update [1-9]\d*\. Threads: [1-9]\d*\./);
      expect(text).toContain("After 3000 updates");
      // Chance is 83 %. The kernels are `simd`: these are the bits of every engine.
      expect(await page.locator("#error").textContent()).toBe("1.4");
      expect(said).toEqual([]);
    }),
  );
});
