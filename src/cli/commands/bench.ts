import { SEQUENCES } from "../../bench/recurrent.js";
import type { BenchReport } from "../../bench/suite.js";
import { runBench } from "../../bench/suite.js";
import { textTable } from "../../report/text/table.js";
import { machineFacts } from "../../runtime/machineFacts.js";
import { describeKernels } from "../../trials/page/describeMachine.js";
import { checkPositive } from "../../validate.js";
import { wideLines } from "../kernelLines.js";
import { describeOptions, parseOptions, UsageError } from "../terminal/options.js";
import { print, printError, say } from "../terminal/output.js";

const options = {
  threads: { kind: "number", value: "N", help: "threads of the larger team (default: all cores)" },
  kernels: { kind: "text", value: "auto|simd|relaxed|wide", help: "kernel variant (default auto)" },
  milliseconds: { kind: "number", value: "N", help: "time spent on each figure (default 500)" },
  json: { kind: "flag", help: "print the figures as JSON" },
  help: { kind: "flag", letter: "h", help: "this text" },
} as const;

const benchHelp = `heavyball bench [options]

Measures the kernels and whole updates, as GF/s and as shares of a register-only
multiply-add loop timed in the same run. Leave the machine otherwise idle.

${describeOptions(options)}
`;

/**
 * `heavyball bench`: the register-only loop, the products, whole updates of feed-forward and recurrent networks, as GF/s and as shares of
 * that loop.
 */
export async function benchCommand(args: string[]): Promise<number> {
  const { values, words } = parseOptions("bench", options, args);
  if (values.help) {
    print(benchHelp);
    return 0;
  }
  if (words.length > 0) throw new UsageError(`bench takes options only, and is given ${JSON.stringify(words[0])}`);
  const { threads, kernels = "auto", json } = values;
  const milliseconds = checkPositive("milliseconds", values.milliseconds ?? 500);
  const report = await runBench({
    threads,
    kernels: kernels as "auto",
    milliseconds,
    onProgress: (what) => printError(process.stderr.isTTY ? `\r\x1b[K${what}` : ""),
  });
  if (process.stderr.isTTY) printError("\r\x1b[K");
  say(json ? JSON.stringify({ processor: machineFacts(report).processor, node: process.version, ...report }) : benchText(report, kernels));
  return 0;
}

type UpdateRow = { readonly network: string } & Omit<BenchReport["updates"][number], "network">;

const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

function benchText(report: BenchReport, asked: string): string {
  const { roofline, products, updates, recurrent, curvature, vanishing, threads, loading, wideGain, wideRefusal } = report;
  const right = (title: string) => ({ title, align: "right" as const });
  const figures = products.map(({ form, shape, gigaflops, tile }) => [
    form,
    shape.join(" x "),
    gigaflops.toFixed(1),
    tile.toFixed(1),
    share(gigaflops, tile),
    share(tile, roofline.one),
  ]);
  const updateTable = (figures: readonly UpdateRow[]): string => {
    const rows = figures.map(({ network, threads: team, milliseconds, gigaflops, roofline: roof }) => {
      const one = figures.find((other) => other.network === network && other.threads === 1)!;
      return [
        network,
        String(team),
        milliseconds.toFixed(2),
        gigaflops.toFixed(1),
        share(gigaflops, roof),
        (one.milliseconds / milliseconds).toFixed(2),
        (roof / one.roofline).toFixed(2),
      ];
    });
    return textTable({
      columns: [
        { title: "network" },
        right("threads"),
        right("ms"),
        right("GF/s"),
        right("of loop"),
        right("speed-up"),
        right("loop's speed-up"),
      ],
      rows,
    });
  };
  const curvatureRows = curvature.map(({ network, threads: team, milliseconds, gigaflops, roofline: roof, gradient, step }) => {
    const one = curvature.find((other) => other.network === network && other.threads === 1)!;
    return [
      network,
      String(team),
      milliseconds.toFixed(1),
      gigaflops.toFixed(1),
      share(gigaflops, roof),
      (one.milliseconds / milliseconds).toFixed(2),
      gradient.toFixed(1),
      (milliseconds / gradient).toFixed(2),
      (step / gradient).toFixed(2),
      share(step - milliseconds, step),
    ];
  });
  const curvatureColumns = [
    { title: "network" },
    right("threads"),
    right("ms"),
    right("GF/s"),
    right("of loop"),
    right("speed-up"),
    right("gradient ms"),
    right("of gradient"),
    right("CG step of gradient"),
    right("vectors of step"),
  ];
  const { updates: count, median, slowest, healthy } = vanishing;
  return [
    `Node ${process.version}, ${machineFacts(report).processor}, ${describeKernels(report)}; module loaded and instantiated in ` +
      `${loading.toFixed(1)} ms`,
    ...(asked === "wide" ? wideLines(report, asked) : []),
    `Register-only multiply-add loop${report.wide ? ", 256 bits wide" : ""}: ${roofline.one.toFixed(1)} GF/s on one thread, ` +
      `${roofline.all.toFixed(1)} on ${threads}`,
    "",
    "Products, one thread: cases x inputs x outputs",
    textTable({
      columns: [{ title: "form" }, right("shape"), right("GF/s"), right("tile GF/s"), right("of tile"), right("tile of loop")],
      rows: figures,
    }),
    "",
    "One NAG update, minibatch 200; nominal GF/s (6 x weights x cases)",
    updateTable(updates),
    "",
    "One NAG update through time, 100 units, minibatch 100; nominal GF/s (6 x weights x cases x steps)",
    updateTable(recurrent.map((figure) => ({ ...figure, network: `${figure.network}, ${SEQUENCES[figure.network].steps} steps` }))),
    "",
    "One curvature product, and one gradient and one conjugate gradient step on the same cases; nominal GF/s (8 x weights x cases, " +
      "and x steps)",
    textTable({ columns: curvatureColumns, rows: curvatureRows }),
    "",
    `Vanishing gradients (spectral radius 0.5, 200 steps, one thread), ${count} updates: median ${median.toFixed(2)} ms, 99th ` +
      `percentile ${slowest.toFixed(2)} ms,`,
    `${(slowest / healthy).toFixed(2)} times the median at radius 1.1 (${healthy.toFixed(2)} ms)`,
    ...(wideGain === undefined
      ? []
      : [
          "",
          `--kernels wide is available here: an update of CURVES takes ${wideGain.wide.toFixed(2)} ms in place of ` +
            `${wideGain.relaxed.toFixed(2)} on one thread, ${(wideGain.relaxed / wideGain.wide).toFixed(2)} times as fast, with the ` +
            `same bits; its register-only loop reaches ${wideGain.roofline.toFixed(1)} GF/s`,
        ]),
    ...(wideRefusal === undefined ? [] : ["", wideRefusal]),
  ].join("\n");
}
