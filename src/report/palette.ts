/**
 * Colours of lines, for light and for dark pages. They are those of Okabe and Ito ("Color universal design", 2008), which
 * people with any of the common colour deficiencies tell apart, darkened or lightened until each has a contrast of at
 * least 3 to 1 with its page. Every line also has a dash of its own and its name written at its end.
 */
export interface LineStyle {
  readonly light: string;
  readonly dark: string;
  readonly dash: string;
}

export const lineStyles: readonly LineStyle[] = [
  { light: "#59636e", dark: "#b4bdc7", dash: "2 4" },
  { light: "#c2410c", dark: "#f2884b", dash: "9 5" },
  { light: "#0072b2", dark: "#56b4e9", dash: "" },
  { light: "#00805d", dark: "#2bc79a", dash: "12 4 2 4" },
  { light: "#a8447f", dark: "#e79cc6", dash: "5 3" },
  { light: "#96690a", dark: "#e69f00", dash: "1 3" },
];
