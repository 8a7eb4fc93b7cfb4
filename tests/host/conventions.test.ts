import { classicalMomentum, minimize, nesterov, type Objective, type Schedule, schedules } from "heavyball";
import { describe, expect, it } from "vitest";
import { distance, normals, orthonormal, rotated, times } from "../reference/matrices.js";
import { momentumTwin, type TwinState } from "../reference/momentumTwin.js";

/** docs/momentum-conventions.md, executed: each library's recurrence as it is published, beside ours. */

const n = 5;
const matrix = rotated(orthonormal(n, 1), [30, 8, 2, 0.3, 0.02]);
const shift = normals(n, 2);
const start = normals(n, 3);

/** Not a quadratic, so that nothing here holds by linearity alone. */
function gradientAt(point: Float64Array): Float64Array {
  const curved = times(
    matrix,
    point.map((x, i) => x - shift[i]),
  );
  return curved.map((g, i) => g + Math.tanh(point[i]));
}

const objective: Objective = {
  size: n,
  gradient(theta, out) {
    out.set(gradientAt(theta));
    return 0;
  },
};

interface Point {
  theta: Float64Array;
  velocity: Float64Array;
}

/** Ours: theta_t and v_t for t = 0 .. updates. */
function ours(
  optimizer: typeof nesterov | typeof classicalMomentum,
  learningRate: Schedule,
  momentum: Schedule,
  updates: number,
  weightDecay = 0,
): Point[] {
  const states: Point[] = [{ theta: start, velocity: new Float64Array(n) }];
  minimize(objective, start, optimizer({ learningRate, momentum, weightDecay }), {
    updates,
    onUpdate: ({ theta, velocity }) => states.push({ theta: theta.slice(), velocity: velocity.slice() }),
  });
  return states;
}

/** What a library keeps between steps: the stored parameters and the buffer. */
interface Stored {
  p: Float64Array;
  b: Float64Array;
}

type LibraryStep = (stored: Stored, mu: number, lr: number) => Stored;

const add = (x: Float64Array, scale: number, y: Float64Array): Float64Array => x.map((value, i) => value + scale * y[i]);

/** torch.optim.SGD(nesterov=True): b = mu b + g; p = p - lr (g + mu b). */
const torchNesterov: LibraryStep = ({ p, b }, mu, lr) => {
  const g = gradientAt(p);
  const next = g.map((x, i) => mu * b[i] + x);
  return { p: p.map((x, i) => x - lr * (g[i] + mu * next[i])), b: next };
};

/** optax.sgd(momentum, nesterov=True): f(g, t) = g + decay t; trace = f(g, trace); updates = -lr f(g, trace). */
const optaxNesterov: LibraryStep = ({ p, b: trace }, decay, lr) => {
  const f = (g: Float64Array, t: Float64Array) => add(g, decay, t);
  const g = gradientAt(p);
  const next = f(g, trace);
  return { p: add(p, -lr, f(g, next)), b: next };
};

/** TensorFlow's ApplyMomentum(use_nesterov=True): accum = accum mu + g; var -= g lr + accum mu lr. */
const tensorflowNesterov: LibraryStep = ({ p, b: accum }, mu, lr) => {
  const g = gradientAt(p);
  const next = accum.map((x, i) => x * mu + g[i]);
  return { p: p.map((x, i) => x - (g[i] * lr + next[i] * mu * lr)), b: next };
};

/** keras.optimizers.SGD(nesterov=True): velocity = mu velocity - lr g; w = w + mu velocity - lr g. */
const kerasNesterov: LibraryStep = ({ p: w, b: velocity }, mu, lr) => {
  const g = gradientAt(w);
  const next = velocity.map((x, i) => mu * x - lr * g[i]);
  return { p: w.map((x, i) => x + mu * next[i] - lr * g[i]), b: next };
};

/** Without nesterov: PyTorch, optax and TensorFlow b = mu b + g; p -= lr b. Keras: velocity = mu velocity - lr g; w += velocity. */
const torchClassical: LibraryStep = ({ p, b }, mu, lr) => {
  const next = add(gradientAt(p), mu, b);
  return { p: add(p, -lr, next), b: next };
};
const kerasClassical: LibraryStep = ({ p, b }, mu, lr) => {
  const g = gradientAt(p);
  const next = b.map((x, i) => mu * x - lr * g[i]);
  return { p: add(p, 1, next), b: next };
};

/** The page's conversion formulas. `buffer` says what the library's buffer is; mu and lr are those of the step that follows. */
type Buffer = "sum of gradients" | "velocity";
const velocityOf = (stored: Stored, buffer: Buffer, lr: number) => (buffer === "velocity" ? stored.b : stored.b.map((x) => -lr * x));
const bufferOf = (velocity: Float64Array, buffer: Buffer, lr: number) => (buffer === "velocity" ? velocity : velocity.map((x) => x / -lr));
function toOurs(stored: Stored, buffer: Buffer, mu: number, lr: number): Point {
  const velocity = velocityOf(stored, buffer, lr);
  return { theta: add(stored.p, -mu, velocity), velocity };
}
function fromOurs({ theta, velocity }: Point, buffer: Buffer, mu: number, lr: number): Stored {
  return { p: add(theta, mu, velocity), b: bufferOf(velocity, buffer, lr) };
}

const NESTEROV: readonly [string, LibraryStep, Buffer][] = [
  ["PyTorch", torchNesterov, "sum of gradients"],
  ["optax", optaxNesterov, "sum of gradients"],
  ["TensorFlow 1", tensorflowNesterov, "sum of gradients"],
  ["Keras", kerasNesterov, "velocity"],
];
const CLASSICAL: readonly [string, LibraryStep, Buffer][] = [
  ["PyTorch, optax, TensorFlow 1", torchClassical, "sum of gradients"],
  ["Keras", kerasClassical, "velocity"],
];

const fresh = (): Stored => ({ p: start, b: new Float64Array(n) });

function expectSame(point: Point, other: Point, t: number): void {
  expect(distance(point.theta, other.theta), `theta_${t}`).toBeLessThan(1e-12);
  expect(distance(point.velocity, other.velocity), `v_${t}`).toBeLessThan(1e-12);
}

describe("with constant mu and learning rate", () => {
  const [mu, lr] = [0.9, 0.02];
  const updates = 600;
  const paper = ours(nesterov, lr, mu, updates);

  for (const [name, step, buffer] of NESTEROV) {
    it(`${name}'s Nesterov converts to ours after every update`, () => {
      let stored = fresh();
      for (let t = 0; t < updates; t++) {
        stored = step(stored, mu, lr);
        expectSame(toOurs(stored, buffer, mu, lr), paper[t + 1], t + 1);
      }
      // What the library stores is the look-ahead point, and the difference is real while v is large.
      const early = step(step(fresh(), mu, lr), mu, lr);
      expect(distance(early.p, paper[2].theta)).toBeGreaterThan(0.01);
      expect(distance(early.p, add(paper[2].theta, mu, paper[2].velocity))).toBeLessThan(1e-12);
    });

    it(`${name} can take over from us in the middle, and we from it`, () => {
      let stored = fromOurs(paper[100], buffer, mu, lr);
      for (let t = 100; t < 300; t++) stored = step(stored, mu, lr);
      expectSame(toOurs(stored, buffer, mu, lr), paper[300], 300);
      const back = fromOurs(toOurs(stored, buffer, mu, lr), buffer, mu, lr);
      expect(distance(back.p, stored.p)).toBeLessThan(1e-14);
      expect(distance(back.b, stored.b)).toBeLessThan(1e-14);
    });
  }

  for (const [name, step, buffer] of CLASSICAL) {
    it(`${name}: classical momentum stores theta itself; only the buffer may be scaled`, () => {
      const cm = ours(classicalMomentum, lr, mu, updates);
      let stored = fresh();
      for (let t = 0; t < updates; t++) {
        stored = step(stored, mu, lr);
        expectSame({ theta: stored.p, velocity: velocityOf(stored, buffer, lr) }, cm[t + 1], t + 1);
      }
    });
  }

  it("a buffer that starts as the first gradient (PyTorch) is one that starts at 0", () => {
    const first = gradientAt(start);
    const byHand: Stored = { p: start.map((x, i) => x - lr * (first[i] + mu * first[i])), b: first };
    const fromZero = torchNesterov(fresh(), mu, lr);
    expect(distance(byHand.p, fromZero.p)).toBe(0);
    expect(distance(byHand.b, fromZero.b)).toBe(0);
  });
});

describe("with the momentum of Eq. 5", () => {
  const lr = 0.02;
  const updates = 1500;
  const momentum = schedules.sutskever();
  const mu = (t: number) => Math.min(1 - 1 / (2 * (Math.floor(t / 250) + 1)), 0.99);
  const paper = ours(nesterov, lr, momentum, updates);

  for (const [name, step, buffer] of NESTEROV) {
    it(`${name} agrees up to the first change, and is then behind by (mu_t - mu_{t-1}) v_t`, () => {
      let stored = fresh();
      for (let t = 0; t < 250; t++) stored = step(stored, mu(t), lr);
      // theta_250 is still right: mu_249 turns the stored point back into it.
      expectSame(toOurs(stored, buffer, mu(249), lr), paper[250], 250);
      // The gradient of update 250 belongs at theta_250 + mu_250 v_250, but the stored point is theta_250 + mu_249 v_250.
      const { theta, velocity } = paper[250];
      const behind = add(add(theta, mu(250), velocity), -1, stored.p);
      expect(
        distance(
          behind,
          velocity.map((v) => (mu(250) - mu(249)) * v),
        ),
      ).toBeLessThan(1e-12);
    });

    it(
      `${name} computes theta_{t+1} = theta_t + mu_{t-1} v_t - eps g(theta_t + mu_{t-1} v_t): positions move with the momentum of the ` +
        "update before",
      () => {
        let stored = fresh();
        let theta = start;
        let velocity: Float64Array = new Float64Array(n);
        for (let t = 0; t < updates; t++) {
          stored = step(stored, mu(t), lr);
          const before = t === 0 ? 0 : mu(t - 1);
          const g = gradientAt(add(theta, before, velocity));
          theta = add(add(theta, before, velocity), -lr, g);
          velocity = velocity.map((v, i) => mu(t) * v - lr * g[i]);
          expectSame(toOurs(stored, buffer, mu(t), lr), { theta, velocity }, t + 1);
        }
      },
    );

    it(`${name} matches at every update when each change of mu moves the stored parameters by (mu_{t+1} - mu_t) v_{t+1}`, () => {
      let stored = fresh();
      for (let t = 0; t < updates; t++) {
        stored = step(stored, mu(t), lr);
        stored = { ...stored, p: add(stored.p, mu(t + 1) - mu(t), velocityOf(stored, buffer, lr)) };
        expectSame(toOurs(stored, buffer, mu(t + 1), lr), paper[t + 1], t + 1);
      }
    });
  }

  it("left uncorrected, the deviation is far above rounding and far below the distance traveled", () => {
    const deviation = (schedule: Schedule, momentumAt: (t: number) => number) => {
      const states = ours(nesterov, lr, schedule, 600);
      let stored = fresh();
      let furthest = 0;
      for (let t = 0; t < 600; t++) {
        stored = torchNesterov(stored, momentumAt(t), lr);
        furthest = Math.max(furthest, distance(toOurs(stored, "sum of gradients", momentumAt(t), lr).theta, states[t + 1].theta));
      }
      return furthest / distance(start, states[600].theta);
    };
    const steps = deviation(momentum, mu);
    expect(steps).toBeGreaterThan(1e-6);
    expect(steps).toBeLessThan(1e-3);
    // 1 - 3/(t + 5) changes at every update, most at the first ones, where the velocity is largest.
    const rising = deviation(schedules.nesterov1983(), (t) => 1 - 3 / (t + 5));
    expect(rising).toBeGreaterThan(3e-3);
    expect(rising).toBeLessThan(3e-2);
  });

  for (const [name, step, buffer] of CLASSICAL) {
    it(`${name}: classical momentum needs no correction`, () => {
      const cm = ours(classicalMomentum, lr, momentum, updates);
      let stored = fresh();
      for (let t = 0; t < updates; t++) {
        stored = step(stored, mu(t), lr);
        expectSame({ theta: stored.p, velocity: velocityOf(stored, buffer, lr) }, cm[t + 1], t + 1);
      }
    });
  }
});

describe("when the learning rate changes", () => {
  const mu = 0.9;
  const rates = [0.02, 0.005, 0.03];
  const rate = (t: number) => rates[Math.min(Math.floor(t / 20), 2)];
  const schedule = schedules.piecewise({ values: rates, at: [20, 40] });

  for (const [name, step, buffer] of [...NESTEROV, ...CLASSICAL]) {
    const lookAhead = NESTEROV.some(([other, same]) => other === name && same === step);
    const paper = ours(lookAhead ? nesterov : classicalMomentum, schedule, mu, 200);
    const convert = (stored: Stored, lr: number): Point => toOurs(stored, buffer, lookAhead ? mu : 0, lr);

    it(
      `${name}${lookAhead ? "" : " (classical)"}: ` +
        `${buffer === "velocity" ? "nothing to do" : "multiply the buffer by lr_old / lr_new, or v is rescaled by lr_new / lr_old"}`,
      () => {
        let stored = fresh();
        for (let t = 0; t < 200; t++) {
          if (t > 0 && buffer === "sum of gradients") stored = { ...stored, b: stored.b.map((x) => (x * rate(t - 1)) / rate(t)) };
          stored = step(stored, mu, rate(t));
          expectSame(convert(stored, rate(t)), paper[t + 1], t + 1);
        }
        let left = fresh();
        for (let t = 0; t < 20; t++) left = step(left, mu, rate(t));
        const scaled = velocityOf(left, buffer, rate(20));
        const expected = paper[20].velocity.map((v) => (buffer === "velocity" ? v : (v * rate(20)) / rate(19)));
        expect(distance(scaled, expected)).toBeLessThan(1e-12);
      },
    );
  }

  it.each(["nesterov", "classicalMomentum"] as const)(
    "%s: PyTorch as it stands is ours with v rescaled and, with look-ahead, theta moved",
    (method) => {
      let stored = fresh();
      let state: TwinState = { theta: start, velocity: new Float64Array(n) };
      for (let t = 0; t < 200; t++) {
        if (t > 0) {
          const velocity = state.velocity.map((v) => (v * rate(t)) / rate(t - 1));
          const theta = method === "nesterov" ? state.theta.map((x, i) => x + mu * (state.velocity[i] - velocity[i])) : state.theta;
          state = { theta, velocity };
        }
        state = momentumTwin(gradientAt, state, { method, momentum: mu, learningRate: rate(t) });
        stored = (method === "nesterov" ? torchNesterov : torchClassical)(stored, mu, rate(t));
        expectSame(toOurs(stored, "sum of gradients", method === "nesterov" ? mu : 0, rate(t)), state, t + 1);
      }
    },
  );

  it("both at once: rescale the buffer, then move the stored parameters", () => {
    const rising = (t: number) => 1 - 3 / (t + 5);
    const falling = (t: number) => Math.min(0.02, 0.8 / (t + 10));
    const states = ours(nesterov, schedules.inverse({ numerator: 0.8, offset: -10, max: 0.02 }), schedules.nesterov1983(), 500);
    for (const [, step, buffer] of NESTEROV) {
      let stored = fresh();
      for (let t = 0; t < 500; t++) {
        stored = step(stored, rising(t), falling(t));
        const velocity = velocityOf(stored, buffer, falling(t));
        stored = { p: add(stored.p, rising(t + 1) - rising(t), velocity), b: bufferOf(velocity, buffer, falling(t + 1)) };
        expectSame(toOurs(stored, buffer, rising(t + 1), falling(t + 1)), states[t + 1], t + 1);
      }
    }
  });
});

describe("weight decay", () => {
  const [mu, lr, decay] = [0.9, 0.02, 0.05];
  const paper = ours(nesterov, lr, mu, 300, decay);

  it("PyTorch's (and optax's add_decayed_weights before sgd) adds decay p to the gradient, as ours does at the look-ahead point", () => {
    let stored = fresh();
    for (let t = 0; t < 300; t++) {
      const g = add(gradientAt(stored.p), decay, stored.p);
      const b = add(g, mu, stored.b);
      stored = { p: stored.p.map((x, i) => x - lr * (g[i] + mu * b[i])), b };
      expectSame(toOurs(stored, "sum of gradients", mu, lr), paper[t + 1], t + 1);
    }
  });

  it("Keras' shrinks the stored parameters by lr decay before each step, outside the velocity: another method", () => {
    let stored = fresh();
    for (let t = 0; t < 300; t++) {
      const g = gradientAt(stored.p);
      const b = stored.b.map((x, i) => mu * x - lr * g[i]);
      stored = { p: stored.p.map((x, i) => x - lr * decay * x + mu * b[i] - lr * g[i]), b };
    }
    expect(distance(toOurs(stored, "velocity", mu, lr).theta, paper[300].theta)).toBeGreaterThan(1e-3);
  });
});

describe("a momentum of exactly 0", () => {
  it("leaves PyTorch's buffer as it was, to come back when mu does", () => {
    const torch: LibraryStep = (stored, mu, lr) =>
      mu === 0 ? { p: add(stored.p, -lr, gradientAt(stored.p)), b: stored.b } : torchClassical(stored, mu, lr);
    const momentum = (t: number) => (t >= 20 && t < 60 ? 0 : 0.9);
    const lr = 0.02;
    const paper = ours(classicalMomentum, lr, schedules.piecewise({ values: [0.9, 0, 0.9], at: [20, 60] }), 61);
    let stored = fresh();
    for (let t = 0; t < 60; t++) stored = torch(stored, momentum(t), lr);
    expect(distance(stored.p, paper[60].theta)).toBeLessThan(1e-12);
    expect(distance(velocityOf(stored, "sum of gradients", lr), paper[20].velocity)).toBeLessThan(1e-12);
    // Setting the buffer to the last gradient restores v_60 = -lr g.
    const last = paper[60].velocity.map((v) => v / -lr);
    expect(distance(torch({ ...stored, b: last }, 0.9, lr).p, paper[61].theta)).toBeLessThan(1e-12);
    expect(distance(torch(stored, 0.9, lr).p, paper[61].theta)).toBeGreaterThan(1e-3);
  });
});
