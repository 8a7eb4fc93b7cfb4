import { describe, expect, it } from "vitest";
import { element, escapeText } from "#internal/report/page/markup";
import { htmlPage, type Page } from "#internal/report/page/page";
import { pictureTable } from "#internal/report/plot/images";
import { divergingPalette } from "#internal/report/plot/palette";
import { hostileText } from "../support/hostileText.js";

describe("markup", () => {
  it("escapes text and attributes and drops characters that documents may not hold", () => {
    expect(escapeText(`<a href="x">'&'</a>`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    expect(escapeText("a\u0000b\u001bc\ud800d\tе😀")).toBe("a\ufffdb\ufffdc\ufffdd\tе😀");
    expect(element("p", { title: `"><script>`, hidden: undefined }, "1 < 2").markup).toBe(
      `<p title="&quot;&gt;&lt;script&gt;">1 &lt; 2</p>`,
    );
  });
});

describe("report pages", () => {
  const page = (text: string): Page => ({
    title: text,
    lead: text,
    footer: text,
    sections: [
      { kind: "prose", title: text, paragraphs: [text] },
      {
        kind: "table",
        title: text,
        caption: text,
        table: { columns: [{ title: text }, { title: "n", align: "right" }], rows: [[text, "1"]] },
      },
      {
        kind: "plot",
        title: text,
        caption: text,
        plot: {
          title: text,
          xLabel: text,
          yLabel: text,
          series: [
            {
              name: text,
              points: [
                [1, 2],
                [3, 4],
              ],
            },
          ],
        },
      },
      {
        kind: "pictures",
        title: text,
        caption: text,
        pictures: { width: 2, height: 2, rows: [{ name: text, note: text, values: new Float32Array(8), captions: [text, text] }] },
      },
      { kind: "facts", title: text, facts: [[text, text]] },
      { kind: "data", title: text, caption: text, values: [{ name: text, value: { [text]: text } }] },
    ],
  });

  it("is one file: no script, nothing loaded from elsewhere", () => {
    const html = htmlPage(page("Curves"));
    expect(html.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
    expect(html).toContain('<meta charset="utf-8">');
    expect(html).toContain('name="viewport"');
    expect(html).not.toMatch(/<script|<link|src="(?!data:)|@import|url\(/);
    expect(html.match(/<h2>/g)).toHaveLength(6);
    expect(html.match(/<img /g)).toHaveLength(2);
  });

  it("closes every element it opens", () => {
    const open: string[] = [];
    for (const [, closing, name] of htmlPage(page("a < b & c"))
      .replace(/<style>.*?<\/style>/gs, "")
      .matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (["meta", "img"].includes(name)) continue;
      if (closing === "") open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it("keeps untrusted text text, everywhere", () => {
    const html = htmlPage(page(hostileText));
    expect(html).not.toContain("<script");
    expect(html).not.toContain("onerror='");
    expect(html.match(/<img /g)).toHaveLength(2);
    expect(html.match(/<\/style>/g)).toHaveLength(htmlPage(page("harmless")).match(/<\/style>/g)!.length);
  });

  it("limits the height of pictures, crisp and square ones square", () => {
    const [rule] = htmlPage(page("a")).match(/\.strip img\{[^}]*\}/)!;
    for (const part of ["max-height:40rem", "max-width:40rem", "image-rendering:pixelated"]) expect(rule).toContain(part);
  });

  it("explains colors by a scale", () => {
    const scale = {
      ticks: [
        { place: 0, label: "-1" },
        { place: 1, label: hostileText },
      ],
    };
    const { markup } = pictureTable({
      width: 1,
      height: 1,
      rows: [{ name: "h", values: new Float32Array(1) }],
      palette: divergingPalette(),
      scale,
    });
    expect(markup.match(/<img /g)).toHaveLength(2);
    expect(markup).toContain('<span style="left:0.0%">-1</span>');
    expect(markup).not.toContain("<script");
  });

  it("names pictures for those who do not see them", () => {
    const { markup } = pictureTable({
      width: 1,
      height: 1,
      rows: [{ name: "NAG", values: new Float32Array(2), captions: ["0.5", "0.7"] }],
    });
    expect(markup).toContain('alt="NAG, picture 2 (0.7)"');
  });
});
