import { browserStore, inWorker } from "heavyball/web";
import { useCallback, useEffect, useRef, useState } from "react";

/**
 * A trial in a Worker of its own, kept under a name in the browser: `start` begins it, or goes on with it where a pause, or a page that
 * was left, had stopped it. It ends, with a checkpoint, when the component goes.
 */
export function useTrial(name, spec) {
  const [trial, setTrial] = useState({ state: "idle", reports: [] });
  const running = useRef(undefined);

  const start = useCallback(async () => {
    if (running.current !== undefined) return;
    const stop = new AbortController();
    running.current = stop;
    const change = (changes) => setTrial((trial) => ({ ...trial, ...changes }));
    change({ state: "running", reports: [], message: "" });
    try {
      const record = await inWorker().runTrial(spec, {
        store: browserStore(name),
        resume: true,
        signal: stop.signal,
        runtime: { kernels: "simd" },
        onStart: ({ from, runtime: { threads } }) => change({ from, threads }),
        onReport: (report) => setTrial((trial) => ({ ...trial, reports: [...trial.reports, report] })),
      });
      change({ state: record.end.code, message: record.end.message, reports: record.reports });
    } catch (error) {
      change({ state: "failed", message: error.message });
    }
    running.current = undefined;
  }, [name, spec]);

  const pause = useCallback(() => running.current?.abort(), []);
  useEffect(() => pause, [pause]);
  return { ...trial, start, pause };
}
