import type { RandomStream } from "./stream.js";

/** Fisher-Yates in place: every order of `items` is equally likely. Draws one integer for each item but the first. */
export function shuffle(items: Uint32Array, stream: RandomStream): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    const held = items[i];
    items[i] = items[j];
    items[j] = held;
  }
}

/**
 * Moves a random choice of `count` items, without replacement, to the front of `items`: the first `count` steps of a Fisher-Yates shuffle.
 * The rest of `items` stays a valid pool, so the next choice can be made from the same array.
 */
export function chooseToFront(items: Uint32Array, count: number, stream: RandomStream): void {
  for (let i = 0; i < count; i++) {
    const j = i + stream.integer(items.length - i);
    const held = items[i];
    items[i] = items[j];
    items[j] = held;
  }
}
