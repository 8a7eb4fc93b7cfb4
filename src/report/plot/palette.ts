/**
 * Colors of lines, for light and for dark pages. They are those of Okabe and Ito ("Color universal design", 2008), which
 * people with any of the common color deficiencies tell apart, darkened or lightened until each has a contrast of at
 * least 3 to 1 with its page. Every line also has a dash of its own and its name written at its end.
 */
export interface LineStyle {
  readonly light: string;
  readonly dark: string;
  readonly dash: string;
}

/**
 * Colors for values from -1 (blue) over 0 (almost white) to 1 (orange), the two hues being Okabe and Ito's: dark ends, light middle, so
 * that sizes can be told apart without the hues. Red, green and blue of 256 equal steps, one after another.
 */
export function divergingPalette(): Uint8Array {
  const stops = [
    [0, 42, 70],
    [0, 114, 178],
    [130, 190, 226],
    [246, 246, 244],
    [243, 176, 128],
    [213, 94, 0],
    [84, 30, 0],
  ];
  return Uint8Array.from({ length: 256 * 3 }, (_, at) => {
    const place = (Math.floor(at / 3) / 255) * (stops.length - 1);
    const stop = Math.min(Math.floor(place), stops.length - 2);
    const [from, to] = [stops[stop][at % 3], stops[stop + 1][at % 3]];
    return Math.round(from + (to - from) * (place - stop));
  });
}

export const lineStyles: readonly LineStyle[] = [
  { light: "#59636e", dark: "#b4bdc7", dash: "2 4" },
  { light: "#c2410c", dark: "#f2884b", dash: "9 5" },
  { light: "#0072b2", dark: "#56b4e9", dash: "" },
  { light: "#00805d", dark: "#2bc79a", dash: "12 4 2 4" },
  { light: "#a8447f", dark: "#e79cc6", dash: "5 3" },
  { light: "#96690a", dark: "#e69f00", dash: "1 3" },
];
