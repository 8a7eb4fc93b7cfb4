import { createRuntime, feedForward, type Runtime, recurrent, sgd } from "heavyball";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BLOCK_CASES } from "#internal/abi/sums";
import { LONGEST_PLAIN_SUM, LongSums } from "#internal/networks/longSums";
import { Arena } from "#internal/runtime/memory";
import { teamOf } from "../support/teamOf.js";
import { variants } from "../support/variants.js";

/** More rows than are added plainly, by some that fill neither a block nor a chunk. */
const MANY = 3_000_017;
const PLAIN = LONGEST_PLAIN_SUM * BLOCK_CASES;

/** Relative error of a mean of equal numbers within one block. */
const ONE_BLOCK = 4e-6;

/** |a - b| / |b|, entry by entry. */
const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(b, (value, i) => Math.abs(a[i] - value) / Math.abs(value)));

describe.each(variants)("means over very many cases on the %s kernels", (kernels) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await createRuntime({ threads: teamOf(2), kernels });
  });
  afterAll(() => runtime.dispose());

  /** So many equal cases, and one of them. */
  const equalCases = (cases: number) => {
    const inputs = new Float32Array(2 * cases);
    for (let i = 0; i < inputs.length; i += 2) inputs.set([0.37, 0.911], i);
    return { inputs, targets: new Float32Array(cases).fill(0.123), cases };
  };
  const makeNetwork = () => {
    const network = runtime.network(feedForward({ sizes: [2, 1] }));
    network.setParameters(Float32Array.of(0.1, 0.3, 0.7));
    return network;
  };

  it("are as exact as those over one block: gradients, products, squares, updates", () => {
    const network = makeNetwork();
    const [one, many] = [equalCases(1), equalCases(MANY)];
    const vector = Float32Array.of(1, -0.3, 0.7);
    expect(worst(network.gradient(many).gradient, network.gradient(one).gradient)).toBeLessThan(ONE_BLOCK);
    expect(worst(network.gaussNewtonProduct(vector, many), network.gaussNewtonProduct(vector, one))).toBeLessThan(ONE_BLOCK);
    expect(worst(network.squaredGradient(many), network.squaredGradient(one))).toBeLessThan(ONE_BLOCK);
    const theta = network.getParameters();
    const { gradient } = network.gradient(many);
    runtime.optimizer(network, sgd({ learningRate: 0.5 })).step(many);
    network.getParameters().forEach((value, i) => expect(Math.abs(value - (theta[i] - 0.5 * gradient[i]))).toBeLessThan(1e-7));
    network.dispose();
  });

  it("do not get worse where they are no longer added plainly", () => {
    const network = makeNetwork();
    const wanted = network.gradient(equalCases(1)).gradient;
    const block = worst(network.gradient(equalCases(BLOCK_CASES)).gradient, wanted);
    // Whole blocks of equal sums: only their addition differs.
    expect(worst(network.gradient(equalCases(2 * PLAIN)).gradient, wanted)).toBeLessThan(block + 2 ** -23);
    network.dispose();
  });

  it("are as exact over sequences", () => {
    const network = runtime.network(recurrent({ inputs: 1, hidden: 2, outputs: 1 }));
    network.setParameters(Float32Array.from({ length: network.parameterCount }, (_, i) => 0.5 * Math.cos(i)));
    const sequences = (cases: number) => ({
      inputs: new Float32Array(3 * cases).fill(0.37),
      targets: new Float32Array(3 * cases).fill(-0.2),
      cases,
      steps: 3,
    });
    const wanted = network.gradient(sequences(1)).gradient;
    const many = network.gradient(sequences(200_003)).gradient;
    expect(many.every((value, i) => Math.abs(value - wanted[i]) <= ONE_BLOCK * Math.max(...wanted.map(Math.abs)))).toBe(true);
    network.dispose();
  });
});

describe("a long sum", () => {
  it("keeps what each addition rounds away, and gives it to the next", async () => {
    const runtime = await createRuntime({ threads: 1, kernels: "simd" });
    const { kernels } = runtime.use();
    const arena = new Arena(runtime.memory);
    const [sum, rest, term] = [0, 1, 2].map(() => arena.allocate(16, "test")) as [number, number, number];
    const read = (address: number): number => runtime.memory.f32[address >>> 2];
    // Ascending, descending, of either sign, larger than the sum before: sums that f64 holds exactly.
    const terms = Array.from({ length: 40_000 }, (_, i) =>
      Math.fround((1 + ((i * 7919) % 1000) / 997) * (i % 3 === 0 ? -0.5 : 1) * (i === 20_000 ? 2 ** 20 : 1)),
    );
    let exact = 0;
    terms.forEach((value, i) => {
      exact += value;
      runtime.memory.f32.fill(value, term >>> 2, (term >>> 2) + 4);
      kernels.addToLongSum(sum, rest, term, 16, i === 0 ? 0 : 1);
    });
    expect(read(sum)).toBe(Math.fround(exact));
    expect(read(term)).toBe(read(sum));
    expect(Math.abs(read(sum) + read(rest) - exact)).toBeLessThan(1e-6 * Math.abs(exact));
    await runtime.dispose();
  });

  it("takes no memory before it is needed, and then once", async () => {
    const runtime = await createRuntime({ threads: 1 });
    const sums = new LongSums(new Arena(runtime.memory), 64);
    expect(sums.blockFor(PLAIN)).toBe(0);
    const block = sums.blockFor(PLAIN + 1);
    expect(block).toBeGreaterThan(0);
    expect(sums.blockFor(PLAIN + 2)).toBe(block);
    await runtime.dispose();
  });
});
