import { describe, expect, it } from "vitest";
import { repeatedKey } from "#internal/cli/terminal/repeatedKey";

describe("a name that an object of a JSON text has twice", () => {
  it.each<[string, string]>([
    ['{"a":1,"a":2}', "a"],
    ['{"grid":{"a":[1],"a":[2]}}', "grid.a"],
    ['{ "grid" : { "optimizer.learningRate" :[1], "optimizer.learningRate"\n: [2] } }', 'grid["optimizer.learningRate"]'],
    ['[0, [1, {"a":{}}, {"b":[{}, {}], "c":1, "b":2}]]', "[1][2].b"],
    ['{"a":1,"\\u0061":2}', "a"],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
    ['{"":1,"":2}', '[""]'],
    ['{"a\\"":1,"b":"{,:[","a\\"":2}', '["a\\""]'],
    ['[[], {"x":[1,[2,{"y":1,"y":1}]]}]', "[1].x[1][1].y"],
  ])("%s: %s", (text, path) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(repeatedKey(text)).toBe(path);
  });

  it.each([
    "1",
    '"a:a"',
    "[]",
    "{}",
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":2}]',
    '{"a":"a","b":"a\\":\\"a","c":["a","a"],"A":1}',
    '{"a":{"b":1},"c":{"b":1},"b":1}',
  ])("there is none in %s", (text) => {
    expect(repeatedKey(text)).toBeUndefined();
  });
});
