import { describe, expect, it } from "vitest";
import { ProgressBars } from "#internal/report/text/progressBars";

describe("progress", () => {
  function scene(interactive: boolean, columns = 100) {
    const written: string[] = [];
    const clock = { time: 0 };
    const terminal = { write: (text: string) => void written.push(text), interactive, color: false, columns: () => columns };
    return {
      written,
      clock,
      bars: new ProgressBars(
        terminal,
        [
          { name: "SGD", total: 1000 },
          { name: "NAG", total: 1000 },
        ],
        () => clock.time,
      ),
    };
  }

  it("redraws one line per track in place and gives the cursor back", () => {
    const { written, clock, bars } = scene(true);
    for (let update = 1; update <= 100; update++) {
      clock.time += 10;
      bars.advance(0, update, 100 / update);
      bars.advance(1, update, 90 / update);
    }
    bars.finish();
    expect(written[0].startsWith("\x1b[?25l")).toBe(true);
    expect(written.length).toBeGreaterThan(5);
    expect(written.length).toBeLessThan(20);
    for (const drawing of written.slice(1, -1)) expect(drawing.startsWith("\x1b[2A")).toBe(true);
    expect(written[written.length - 1]).toBe("\x1b[?25h");
    const last = written[written.length - 2];
    expect(last).toMatch(/SGD .* 10 % +error {2}1\.000 +10[01] updates\/s +9 s left/);
    expect(last).toMatch(/NAG .* 10 % +error 0\.9000/);
  });

  it.each([200, 80, 60, 40, 25, 10])("never writes a line that wraps on %i columns", (columns) => {
    const { written, clock, bars } = scene(true, columns);
    for (let update = 1; update <= 1000; update++) {
      clock.time += 35;
      bars.advance(0, update, 16.95);
      bars.advance(1, update, 1.302);
    }
    bars.finish();
    for (const line of written.join("").split("\n")) expect(line.replace(/\x1b\[[?\d]*[A-Za-z]|\r/g, "").length).toBeLessThan(columns);
  });

  it("shows share, time left and a few words of work that is not counted in updates", () => {
    for (const [interactive, columns] of [
      [true, 100],
      [true, 40],
      [true, 12],
      [false, 80],
    ] as const) {
      const written: string[] = [];
      const clock = { time: 0 };
      const terminal = { write: (text: string) => void written.push(text), interactive, color: false, columns: () => columns };
      const bars = new ProgressBars(terminal, [{ name: "theorem" }], () => clock.time);
      for (let percent = 1; percent <= 50; percent++) {
        clock.time += 100;
        bars.reach(0, percent / 100, `part ${percent}`);
      }
      bars.finish();
      const lines = written.filter((text) => text !== "\x1b[?25h").map((text) => text.replace(/\x1b\[[?\d]*[A-Za-z]|\r|\n/g, ""));
      expect(lines.length).toBeGreaterThan(1);
      const last = lines[lines.length - 1];
      if (interactive) for (const line of lines) expect(line.length).toBeLessThan(columns);
      if (columns === 100) expect(last).toMatch(/^theorem {2}━{12}·{12} +50 % +5 s left +part 50$/);
      if (columns === 40) expect(last).toMatch(/^theorem {2}━{11}·{12} +50 %$/);
      if (!interactive) {
        expect(lines[0]).toBe("theorem 20 %, part 20 | 8 s left");
        expect(last).toBe("theorem 50 %, part 50 | 5 s left");
      }
    }
  });

  it("counts the speed from where a track began", () => {
    const written: string[] = [];
    const clock = { time: 0 };
    const terminal = { write: (text: string) => void written.push(text), interactive: false, color: false, columns: () => 80 };
    const bars = new ProgressBars(terminal, [{ name: "NAG", total: 1000, update: 900 }], () => clock.time);
    for (let update = 901; update <= 1000; update++) {
      clock.time += 100;
      bars.advance(0, update, 1);
    }
    bars.finish();
    expect(written[0]).toMatch(/^update 920 of 1,000 \| NAG 92 % error 1\.000 \| 10 updates\/s, 8 s left\n$/);
    expect(written[written.length - 1]).toContain("10 updates/s, done in 10 s");
  });

  it("writes plain lines in a pipe, at intervals, without control characters, and one at the end", () => {
    const { written, clock, bars } = scene(false);
    for (let update = 1; update <= 1000; update++) {
      clock.time += 25;
      bars.advance(0, update, 16.95);
      bars.advance(1, update, 1.302);
    }
    bars.finish();
    expect(written).toHaveLength(4);
    expect(written.join("")).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    expect(written[0]).toMatch(/^update 80 of/);
    expect(written[1]).toMatch(
      /^update 480 of 1,000 \| SGD 48 % error 16\.95 \| NAG (47|48) % error 1\.302 \| 80 updates\/s, 13 s left\n$/,
    );
    expect(written[3]).toContain("done in 25 s");
  });
});
