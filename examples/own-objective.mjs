// Minimizes a function of one's own, Rosenbrock's curved valley, with three optimizers from the same start, in f64.
// In this repository: npm run build && node examples/own-objective.mjs

import { classicalMomentum, minimize, nesterov, schedules, sgd } from "heavyball";

/** f(x, y) = (1 - x)^2 + 100 (y - x^2)^2, least at (1, 1): a long valley with steep walls and an almost level floor. */
const rosenbrock = {
  size: 2,
  gradient([x, y], out) {
    const across = y - x * x;
    out[0] = -2 * (1 - x) - 400 * x * across;
    out[1] = 200 * across;
    return (1 - x) ** 2 + 100 * across ** 2;
  },
};

const start = [-1.2, 1];
const updates = 3000;
const momentum = schedules.sutskever({ max: 0.98, period: 10 });

for (const optimizer of [
  sgd({ learningRate: 0.0005 }),
  classicalMomentum({ learningRate: 0.0005, momentum }),
  nesterov({ learningRate: 0.0005, momentum }),
]) {
  const { theta, value, reason } = minimize(rosenbrock, start, optimizer, { updates });
  console.log(
    `${optimizer.method.padEnd(18)} f = ${value.toExponential(2)} at (${[...theta].map((number) => number.toFixed(5)).join(", ")}); ` +
      `${reason.message}`,
  );
}
