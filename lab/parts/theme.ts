import { lineStyles } from "#internal/report/plot/palette";

const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** Colors for what is drawn on canvases, in the scheme of the moment; elsewhere the style sheet has them. */
export function colors(): { readonly ink: string; readonly soft: string; readonly rule: string } {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return { ink: of("--ink"), soft: of("--soft"), rule: of("--rule") };
}

/** A line's color and dash, as the library's own figures have them. */
export function lineLook(style: number): { readonly color: string; readonly dash: number[] } {
  const look = lineStyles[style % lineStyles.length];
  return { color: dark.matches ? look.dark : look.light, dash: look.dash === "" ? [] : look.dash.split(" ").map(Number) };
}

/** Calls `draw` whenever the page turns light or dark. */
export function onThemeChange(draw: () => void): void {
  dark.addEventListener("change", draw);
}
