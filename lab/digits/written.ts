import type { LabeledDataSet } from "heavyball";
import { render, SIZE } from "./render.js";
import { type Point, type Stroke, skeletons } from "./skeletons.js";

/**
 * Digits written by a shaky hand, for those who have no MNIST at hand: skeletons of the ten digits whose points are moved, turned, slanted
 * and drawn with a pen of any width. `random` gives numbers from 0 to 1.
 */
export function writtenDigits(cases: number, random: () => number): LabeledDataSet {
  const inputs = new Float32Array(cases * SIZE);
  const targets = new Float32Array(cases * 10);
  const labels = new Uint8Array(cases);
  for (let at = 0; at < cases; at++) {
    const digit = at % 10;
    const ways = skeletons[digit];
    const way = ways[Math.floor(random() * ways.length)];
    inputs.set(render(shaken(way, random), 0.7 + 0.9 * random()), at * SIZE);
    targets[at * 10 + digit] = 1;
    labels[at] = digit;
  }
  return { inputs, targets, cases, features: SIZE, labels };
}

function shaken(strokes: readonly Stroke[], random: () => number): Stroke[] {
  // Nearly normal, of standard deviation `size`.
  const around = (size: number): number => size * (random() + random() + random() - 1.5) * 2;
  const turn = around(0.13);
  const slant = around(0.16);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const [width, height] = [0.55 + 0.5 * random(), 0.9 + 0.2 * random()];
  // A slow wobble moves neighbors alike; each point then has a little of its own.
  const wobble = Array.from({ length: 4 }, () => around(0.035));
  const pace = 2 + 3 * random();
  const move = ([x, y]: Point): Point => {
    const bentX = x - 0.5 + wobble[0] * Math.sin(pace * y + wobble[1] * 60) + around(0.012);
    const bentY = y - 0.5 + wobble[2] * Math.sin(pace * x + wobble[3] * 60) + around(0.012);
    const [a, b] = [(bentX + slant * bentY) * width, bentY * height];
    return [a * cos - b * sin, a * sin + b * cos];
  };
  return strokes.map((stroke) => stroke.map(move));
}
