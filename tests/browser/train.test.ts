import { autoencoder, type Batch, createRuntime, curves, minibatches, nesterov, schedules, sparse, train } from "heavyball";
import { expect, it } from "vitest";

/** Watches how often something of the page has its turn, and how many updates it makes between two of its turns. */
class Turns {
  count = 0;
  mostUpdates = 0;
  /** Milliseconds between two turns at most: told, never judged. */
  longestGap = 0;
  private lastTurn = performance.now();
  private lastUpdate = 0;
  private isOver = false;

  constructor(
    private readonly again: (callback: () => void) => void,
    private readonly updates: () => number,
  ) {
    again(() => this.turn());
  }

  end(): void {
    this.isOver = true;
  }

  private turn(): void {
    if (this.isOver) return;
    const now = performance.now();
    this.count++;
    this.longestGap = Math.max(this.longestGap, now - this.lastTurn);
    this.mostUpdates = Math.max(this.mostUpdates, this.updates() - this.lastUpdate);
    [this.lastTurn, this.lastUpdate] = [now, this.updates()];
    this.again(() => this.turn());
  }
}

it("a page stays alive while the CURVES autoencoder trains on its main thread", async () => {
  const runtime = await createRuntime();
  const network = runtime.network(autoencoder({ encoder: [784, 400, 200, 100, 50, 25, 6] }));
  network.initialize(sparse({ seed: 1 }));
  const optimizer = runtime.optimizer(network, nesterov({ learningRate: 0.01, momentum: schedules.sutskever({ max: 0.99 }) }));
  const data = curves({ cases: 2000, seed: 1 });
  const held = curves({ set: "test", cases: 3000, seed: 1 });
  let updates = 0;
  function* batches(): Generator<Batch> {
    for (const batch of minibatches(data, { size: 200 })) {
      yield batch;
      updates++;
    }
  }
  const timers = new Turns(
    (callback) => setTimeout(callback, 0),
    () => updates,
  );
  const frames = new Turns(
    (callback) => requestAnimationFrame(callback),
    () => updates,
  );
  // Turns of timers before the data are measured, and after.
  const turnsAt: number[] = [];
  const watched = (function* () {
    for (const batch of batches()) {
      turnsAt[updates] = timers.count;
      yield batch;
    }
  })();
  const turnsAfter: number[] = [];
  const { reports } = await train(network, optimizer, watched, {
    updates: 60,
    every: 20,
    held,
    onReport: () => turnsAfter.push(timers.count),
  });
  timers.end();
  frames.end();
  console.log(
    `train() on a page's main thread, ${runtime.kernels}: longest gap between frames ${frames.longestGap.toFixed(0)} ms, ` +
      `between timers ${timers.longestGap.toFixed(0)} ms, over ${reports.at(-1)!.seconds.toFixed(1)} s`,
  );
  // An update is a billion operations: however fast the machine, it makes no more than these in a host's turn.
  expect(timers.mostUpdates).toBeLessThanOrEqual(10);
  expect(timers.count).toBeGreaterThanOrEqual(6);
  expect(frames.count).toBeGreaterThan(0);
  // Measuring the held-out data takes longer than a turn, and is left for others.
  for (const [i, turns] of turnsAfter.entries()) expect(turns - turnsAt[20 * i + 19]).toBeGreaterThanOrEqual(1);
  await runtime.dispose();
});
