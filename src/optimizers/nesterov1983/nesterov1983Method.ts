import { formatRate } from "../../report/text/format.js";
import type { Method } from "../method.js";
import { checkNesterov1983, type Nesterov1983Description } from "./nesterov1983Description.js";

/** It needs exact gradients, so `minimize` is all it runs in. */
export const nesterov1983Method = {
  name: "nesterov1983",
  label: "Nesterov 1983",
  title: "Nesterov's method of 1983",
  style: 5,
  options: [],
  check: checkNesterov1983,
  schedules: () => ({}),
  remedy: () => "check that the objective is finite around the start, or start elsewhere",
  describe: ({ initialRate }) => {
    const start = initialRate === "auto" ? "from the curvature at the start" : `from ${formatRate(initialRate)}`;
    return `learning rate ${start}, halved where it proves too large, momentum (a_t - 1) / a_{t+1}`;
  },
} as const satisfies Method<Nesterov1983Description>;
