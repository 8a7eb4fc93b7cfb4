import { describe, expect, it } from "vitest";
import { htmlPage } from "#internal/report/page/page";
import { clipLine } from "#internal/report/plot/clipLine";
import { freest, pointsAlong, pointsOn } from "#internal/report/plot/labelPlace";
import { type PlanePlot, planePlot } from "#internal/report/plot/planePlot";

const plot: PlanePlot = {
  title: "A plane",
  xLabel: "across",
  yLabel: "up",
  x: [-2, 2],
  y: [-1, 1],
  ellipses: [{ center: [0, 0], semiAxes: [1, 0.5] }],
  paths: [
    {
      name: "A",
      points: [
        [-2, 1],
        [0, 0],
        [2, 0.5],
      ],
      style: 1,
    },
    { name: "B", points: [[1, 1]], style: 2 },
  ],
  arrows: [
    { from: [0, 0], to: [1, 0.5], name: "v", style: 4 },
    { from: [1, 0], to: [1, 0.5] },
    { from: [0, 0], to: [0, 0], name: "nothing", style: 0 },
  ],
  points: [{ at: [0, 0], name: "<origin>" }],
};

const numbers = (text: string): number[] => (text.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
const attribute = (markup: string, name: string): number => Number(new RegExp(` ${name}="([^"]*)"`).exec(markup)![1]);
/** All elements of a name, up to the end of their opening tag. */
const all = (markup: string, name: string): string[] => markup.match(new RegExp(`<${name} [^>]*>`, "g")) ?? [];

describe("a plot of the plane", () => {
  const { markup } = planePlot(plot, 760, 460);
  // The area: a picture inside the picture.
  const [, inner] = all(markup, "svg");
  const [left, top, width, height] = ["x", "y", "width", "height"].map((name) => attribute(inner, name));
  const pixel = (x: number, y: number): [number, number] => [left + ((x + 2) / 4) * width, top + ((1 - y) / 2) * height];

  it("draws points where they belong, and marks every one of a path, the last with a ring", () => {
    const circles = all(markup, "circle").map((circle) => [attribute(circle, "cx"), attribute(circle, "cy"), attribute(circle, "r")]);
    const expected: [number, number][] = [
      [-2, 1],
      [0, 0],
      [2, 0.5],
      [2, 0.5],
      [1, 1],
      [1, 1],
      [0, 0],
    ];
    expect(circles).toHaveLength(expected.length);
    for (const [at, [x, y]] of expected.entries()) {
      expect(Math.abs(circles[at][0] - pixel(x, y)[0])).toBeLessThan(0.01);
      expect(Math.abs(circles[at][1] - pixel(x, y)[1])).toBeLessThan(0.01);
    }
    expect(circles.map(([, , r]) => r)).toEqual([2.2, 2.2, 2.2, 5, 2.2, 5, 4]);
  });

  it("draws level sets with both semi-axes to scale", () => {
    const [ellipse] = all(markup, "ellipse");
    expect(attribute(ellipse, "rx")).toBeCloseTo(width / 4, 1);
    expect(attribute(ellipse, "ry")).toBeCloseTo(height / 4, 1);
  });

  it("gives arrows a head at their tip, and none to lines that help the eye or have no length", () => {
    const arrows = markup.match(/<path class="arrow line\d" d="[^"]*"/g)!;
    expect(arrows).toHaveLength(1);
    const [fromX, fromY, toX, toY, backX, backY, tipX, tipY] = numbers(arrows[0].split(' d="')[1]);
    const [x, y] = [pixel(0, 0), pixel(1, 0.5)];
    for (const [found, right] of [
      [fromX, x[0]],
      [fromY, x[1]],
      [toX, y[0]],
      [toY, y[1]],
      [tipX, y[0]],
      [tipY, y[1]],
    ])
      expect(Math.abs(found - right)).toBeLessThan(0.01);
    // The head points forward: its sides end behind the tip.
    expect((backX - toX) * (toX - fromX) + (backY - toY) * (toY - fromY)).toBeLessThan(0);
    expect(markup.match(/<path class="level"/g)).toHaveLength(1);
  });

  it("cuts off what lies outside of the area: of paths before they are drawn, of level sets by a picture inside the picture", () => {
    const points: [number, number][] = [
      [0, 0],
      [1, 0],
      [1e100, 1e100],
      [-1e100, 1e90],
      [0.5, -0.5],
    ];
    const far = planePlot({ ...plot, paths: [{ name: "far", points, style: 0 }] }).markup;
    const [, d] = /<path class="way line0" d="([^"]*)"/.exec(far)!;
    for (const [at, value] of numbers(d).entries()) {
      const [from, length] = at % 2 === 0 ? [left, width] : [top, height];
      expect([value >= from - 0.01, value <= from + length + 0.01]).toEqual([true, true]);
    }
    expect(d.match(/M/g)).toHaveLength(2);
    // Its two first points and its last have marks, and the last a ring.
    expect(far.match(/<circle class="[^"]*line0"/g)).toHaveLength(4);
    const [start, end] = [far.indexOf("<svg", 1), far.indexOf("</svg>")];
    expect([far.indexOf("<ellipse") > start, far.indexOf("<ellipse") < end]).toEqual([true, true]);
    expect(numbers(/viewBox="([^"]*)"/.exec(far.slice(start))![1])).toEqual([left, top, width, height]);
  });

  it("is text for those who do not see it, and trusts no name", () => {
    expect(markup).toContain('aria-label="A plane: up against across; A, B, v, nothing, &lt;origin&gt;"');
    expect(markup).not.toContain("<origin>");
    expect(markup).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("has a legend where there are several paths", () => {
    const legend = (names: string[]) =>
      planePlot({ ...plot, paths: names.map((name) => ({ name, points: [[0, 0]], style: 0 })) }).markup.includes("aria-hidden");
    expect([legend(["A", "B"]), legend(["A"])]).toEqual([true, false]);
  });

  it.each([
    [760, 460],
    [370, 340],
  ])("isometric, at %i x %i, has units of one length and shows all that was asked for", (w, h) => {
    const square = planePlot({ ...plot, isIsometric: true }, w, h).markup;
    const [ellipse] = all(square, "ellipse");
    expect(attribute(ellipse, "rx")).toBeCloseTo(2 * attribute(ellipse, "ry"), 1);
    const [, area] = all(square, "svg");
    const box = ["x", "y", "width", "height"].map((name) => attribute(area, name));
    for (const circle of all(square, "circle")) {
      const [cx, cy] = [attribute(circle, "cx"), attribute(circle, "cy")];
      expect([cx >= box[0] - 0.01 && cx <= box[0] + box[2] + 0.01, cy >= box[1] - 0.01 && cy <= box[1] + box[3] + 0.01]).toEqual([
        true,
        true,
      ]);
    }
  });

  it("is a section of a page, in two sizes", () => {
    const page = htmlPage({ title: "T", lead: "L", footer: "F", sections: [{ kind: "plane", title: "P", plane: plot, caption: "C" }] });
    expect(page.match(/aria-label="A plane/g)).toHaveLength(2);
    for (const size of ['width="800" height="480"', 'width="370" height="340"']) expect(page).toContain(size);
  });
});

describe("a line cut at the sides of an area", () => {
  const area = { left: 0, top: 0, width: 10, height: 10 };

  it("is itself where it lies inside, and nothing where it lies outside", () => {
    const inside: [number, number][] = [
      [1, 1],
      [5, 9],
      [10, 10],
    ];
    expect(clipLine(inside, area)).toEqual([inside]);
    for (const [from, to] of [
      [-5, -1],
      [11, 12],
    ])
      for (const along of [false, true]) {
        const outside: [number, number][] = [from, to].map((far) => (along ? [far, 5] : [5, far]));
        expect(clipLine(outside, area)).toEqual([]);
      }
    // Past a corner.
    expect(
      clipLine(
        [
          [-3, 2],
          [2, -3],
        ],
        area,
      ),
    ).toEqual([]);
  });

  it("is cut where it leaves and enters, and begins anew", () => {
    const line: [number, number][] = [
      [5, 5],
      [15, 5],
      [15, 8],
      [-5, 8],
    ];
    expect(clipLine(line, area)).toEqual([
      [
        [5, 5],
        [10, 5],
      ],
      [
        [10, 8],
        [0, 8],
      ],
    ]);
  });

  it("has no parts of no points or one", () => {
    expect([clipLine([], area), clipLine([[1, 1]], area)]).toEqual([[], []]);
  });
});

describe("the place of a name", () => {
  const area = { left: 0, top: 0, width: 200, height: 100 };
  const places = [
    { x: 50, baseline: 50, anchor: "middle" },
    { x: 150, baseline: 50, anchor: "middle" },
  ] as const;

  it("is the first of those that cover nothing, else the one that covers least", () => {
    expect(freest("name", places, area, [])).toBe(places[0]);
    expect(freest("name", places, area, [[50, 45]])).toBe(places[1]);
    expect(freest("name", places, area, [...pointsOn("name", places[0]), [150, 45]])).toBe(places[1]);
  });

  it("is inside of the area where one is", () => {
    const outside = { x: 2, baseline: 50, anchor: "end" } as const;
    const above = { x: 50, baseline: 5, anchor: "middle" } as const;
    expect(freest("name", [outside, above, places[1]], area, [[150, 45]])).toBe(places[1]);
  });

  it("keeps off the names that were written before", () => {
    const taken = pointsOn("name", places[0]);
    for (const [x, y] of taken) expect([Math.abs(x - 50) <= 13.01, y >= 38 && y <= 53]).toEqual([true, true]);
    expect(freest("name", places, area, taken)).toBe(places[1]);
    expect(pointsAlong([])).toEqual([]);
  });
});
