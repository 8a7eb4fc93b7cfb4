import { checkInteger, checkOneOf } from "../validate.js";
import type { StudyOption } from "./study.js";

/** Largest number of sequences or steps that an option takes. */
const MOST = 100_000;

/** An option that is one of some words, the first of them by default. */
export function choiceOption<const Words extends readonly [string, ...string[]]>(flag: string, words: Words, help: string) {
  type Word = Words[number];
  const standard: Word = words[0];
  return {
    flag,
    kind: "text",
    value: "WHAT",
    help,
    standard,
    check: (option: string, value: unknown): Word => checkOneOf<Word>(option, value, words),
  } as const satisfies StudyOption<Word>;
}

/** An option that counts something, from 1 to 100,000. */
export function countOption(flag: string, standard: number, help: string) {
  return {
    flag,
    kind: "number",
    value: "N",
    help,
    standard,
    check: (option: string, value: unknown): number => checkInteger(option, value, 1, MOST),
  } as const satisfies StudyOption<number>;
}
