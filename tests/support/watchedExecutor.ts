import { type Executor, inlineExecutor, type Runtime } from "heavyball";

/** Makes inline executors on a runtime which count the trials they are given and may do something else with one. */
export const watcherOf =
  (runtime: () => Runtime) =>
  (instead: (at: number, controller: AbortController) => void = () => {}, controller = new AbortController()) => {
    let count = 0;
    const inner = inlineExecutor(runtime());
    const executor: Executor = {
      ...inner,
      async open(sweep) {
        const open = await inner.open(sweep);
        const run: typeof open.run = async (job) => {
          instead(count++, controller);
          return open.run(job);
        };
        return { ...open, run };
      },
    };
    return { executor, signal: controller.signal, count: () => count };
  };
