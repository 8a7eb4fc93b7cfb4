import { useTrial } from "./useTrial.js";

/** Two numbers of a sequence are marked; at its end a recurrent network says their mean. */
const SPEC = {
  task: { name: "addition", length: 10, hidden: 30, testCases: 500 },
  optimizer: { method: "nesterov", learningRate: 0.1, momentum: 0.9 },
  updates: 3_000,
  seed: 1,
};

export function App() {
  const { state, message, reports, from, threads, start, pause } = useTrial("react-example", SPEC);
  const last = reports.at(-1);
  return (
    <main>
      <h1>Which two numbers were marked?</h1>
      {state === "running" ? (
        <button type="button" onClick={pause}>
          Pause
        </button>
      ) : (
        <button type="button" onClick={start}>
          Start or go on
        </button>
      )}
      <p>
        <output>{state}</output>
        {message && `: ${message}.`} {from > 0 && `It went on from update ${from}.`} {threads > 0 && `Threads: ${threads}.`}
      </p>
      {last && (
        <p>
          After {last.update} updates <span id="error">{(100 * last.zeroOne).toFixed(1)}</span> % of the sequences held out are answered
          wrong.
        </p>
      )}
      <Chart reports={reports} updates={SPEC.updates} />
    </main>
  );
}

/** The error, from 0 to 1, against the updates. */
function Chart({ reports, updates }) {
  const points = reports.map(({ update, zeroOne }) => `${(600 * update) / updates},${200 * (1 - zeroOne)}`);
  return (
    <svg width="600" height="200" style={{ maxWidth: "100%", border: "1px solid" }} role="img" aria-label="error against updates">
      <polyline points={points.join(" ")} fill="none" stroke="currentColor" />
    </svg>
  );
}
