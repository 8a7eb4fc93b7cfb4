import type { Initialization } from "../initialize/index.js";
import type { Batch } from "../networks/batch.js";
import type { NetworkDescription } from "../networks/describe.js";
import type { FeedForwardNetwork } from "../networks/feedForward/feedForwardNetwork.js";
import type { RecurrentNetwork } from "../networks/recurrent/recurrentNetwork.js";
import type { SpecOption } from "../options.js";
import type { Section } from "../report/page/page.js";
import type { Series } from "../report/plot/logPlot.js";
import type { DataFiles } from "./dataFiles.js";
import type { PublishedFile } from "./published.js";

/** A network of either family: what a task trains. */
export type TaskNetwork = FeedForwardNetwork | RecurrentNetwork;

/** One of the numbers that are measured of a network, by its key in reports and records, and what it is called in tables and figures. */
export interface Measure<Key extends string = string> {
  readonly key: Key;
  readonly title: string;
}

/** What was measured, by key. */
export type Measured = Readonly<Record<string, number | undefined>>;

/**
 * Where the batches of a trial come from: a data set, whose cases are reshuffled every epoch, or sequences that are drawn afresh for every
 * update.
 */
export type Source =
  | { readonly kind: "cases"; readonly train: Batch }
  | {
      readonly kind: "drawn";
      /** So many cases for update t, a function of both alone. */
      draw(update: number, cases: number): Batch;
    };

/** A task made ready: everything a trial needs to know of it. Trials that differ in nothing but optimizer and starting point share one. */
export interface PreparedTask {
  readonly network: NetworkDescription;
  readonly source: Source;
  /** The measure that is watched, one of those that `watch` takes; the smaller the better. */
  readonly watched: Measure;
  /** Cases on which it is watched. */
  readonly watchedCases: number;
  /** Measured while a trial runs, on data little enough for it. Throws DivergedError. */
  watch(network: TaskNetwork): Measured;
  /** The columns of the outcome's table, all taken by `measure`. */
  readonly columns: readonly Measure[];
  /** Measured when a trial has ended, on all data. Throws DivergedError. */
  measure(network: TaskNetwork): Measured;
  /** What answering without looking at the inputs costs, and what that is called. */
  readonly baseline: { readonly name: string; readonly measures: Measured };
  /** What has to be said of the measures before a trial begins, a line each; empty where they need no words. */
  readonly remarks: readonly string[];
  /** The same for programs. */
  readonly facts: Readonly<Record<string, string>>;
  /** What has to be said beside the outcome's table of the lowest error that was seen, a line each. */
  summary(best: { readonly update: number; readonly error: number }): readonly string[];
}

/** A trial as the page about it shows it. */
export interface ShownTrial {
  /** What it is called beside others, e.g. "NAG". */
  readonly name: string;
  /** Its optimizer, e.g. "nesterov". */
  readonly method: string;
  readonly spec: { readonly initialization: Initialization; readonly seed: number; readonly updates: number };
  /** How much was made of it, e.g. "3,000 of 50,000 updates, where it was stopped,". */
  readonly made: string;
  readonly update: number;
  /** Measured on all data at the end; none where it diverged. */
  readonly measures?: Measured;
  readonly best?: { readonly update: number; readonly error: number };
  /** The network as the trial left it; none where it diverged. */
  readonly network?: TaskNetwork;
  /** Activations of the network as it was before the first update, of layer `layer`. */
  activationsAtStart(batch: Batch, layer: number): Float32Array;
}

/** What the errors of trials are drawn against, in words. */
export interface PlotAxis {
  /** "updates", "time". */
  readonly title: string;
  /** At the axis. */
  readonly label: string;
  /** What has to be said of it. */
  readonly note: readonly string[];
  /** A line for each trial: one of the measures, or another number of its reports. */
  series(key: string): Series[];
}

/** What a task draws its figures from: trials of one task, in the order of their table. */
export interface Shown<T, P> {
  readonly task: T;
  readonly prepared: P;
  readonly trials: readonly ShownTrial[];
  /** The first is the one that matters most. */
  readonly axes: readonly PlotAxis[];
}

/** What a trial of a task is unless a spec says otherwise, beyond what `check` fills in. */
export interface TaskDefaults {
  readonly learningRate: number;
  readonly updates: number;
  readonly seed: number;
}

/** Data that a task does not make itself: what its `data` files say, or a program gives. */
export type TaskData = unknown;

/**
 * A kind of task: what a trial needs to know of it, as functions of its description `T`, plain data with defaults filled in. One folder
 * each, and one line in the registry (index.ts); nothing else lists tasks.
 *
 * `P` is what it prepares, `D` the data it takes from outside, if any, `Key` the keys of its measures.
 */
export interface TaskKind<
  T extends { readonly name: string },
  P extends PreparedTask = PreparedTask,
  D = undefined,
  Key extends string = string,
> {
  readonly name: T["name"];
  /** "CURVES", "addition": in titles. */
  readonly title: string;
  readonly family: "feedForward" | "recurrent";
  /** Its measures: all the keys that its reports and records have. */
  readonly measures: readonly Measure<Key>[];
  /** Options of the command line that set parts of its spec. */
  readonly options: readonly SpecOption[];
  /** Why an option of other tasks means nothing to it, by the option's name: what follows "--length does not apply to curves, ". */
  why(option: string): string | undefined;
  /** Validates the task of a spec and fills in its defaults. Throws InvalidOptionError naming the part as "task.<option>". */
  check(given: Record<string, unknown>): T;
  /** Validates the initialization of a spec and fills in what it leaves out. Throws InvalidOptionError, ShapeError. */
  checkInitialization(task: T, value: unknown): Initialization;
  /** Cases of a minibatch: the default, and at most. */
  batchSize(task: T): { readonly standard: number; readonly largest: number };
  /** The optimizer of a spec with what it leaves out, where that depends on the task. */
  optimizer(task: T, given: unknown): unknown;
  /** Whether these are conditions under which the optimizer can train it; throws InvalidOptionError where not. */
  readonly defaults: TaskDefaults;
  /**
   * The momentum of a trial that says nothing of it, or only how large it becomes and after how many updates it rises; `before` is what a
   * file says.
   */
  momentum(asked?: { readonly maximum?: number; readonly period?: number }, before?: Record<string, unknown>): Record<string, unknown>;
  /** Draws, generates or takes over what a trial trains on and is tested on; `seed` is the trial's. */
  prepare(task: T, seed: number, data: D): P;
  /** The same in slices of some tens of milliseconds, between which the host has its turn; for data that take seconds to make. */
  prepareInSlices?(task: T, seed: number, data: D): Promise<P>;
  /** How its data come from files; left out where it makes them itself. */
  readonly files?: {
    /** What is to be there, for messages and help. */
    readonly wanted: string;
    /** The files of a data set that is published: what `heavyball data` lists and fetches. */
    readonly published?: readonly PublishedFile[];
    /** What `dataDigest` makes of the published files, by which records say what they were trained on. */
    readonly publishedDigest?: string;
    /** Reads them. Throws FormatError, InvalidOptionError. */
    read(files: DataFiles, task: T): Promise<D>;
    /** What of a description says how files are read; left out where nothing does, and the same files are the same data. */
    reading?(task: T): unknown;
    /** Checks data that a program gives. */
    check(data: unknown): D;
    /**
     * Whether a task can have what its description asks for of these data, as far as that is known before they are made ready. Throws
     * InvalidOptionError.
     */
    checkEnough?(task: T, data: D): void;
    /** All that a trial computes with, in an order of its own: by their SHA-256 a run knows the data it was begun with. */
    arrays(data: D): readonly ArrayBufferView[];
  };
  /** "CURVES autoencoder 784-...", and what it is trained on: for people. `training` says what batches and how many updates. */
  describeNetwork(task: T): string;
  describe(task: T, training: string): string;
  /** What the page about trials says and draws. */
  readonly page: {
    /** "The CURVES autoencoder, trained with"; the optimizer follows. */
    readonly title: string;
    lead(shown: Shown<T, P>): string;
    tableCaption(shown: Shown<T, P>): string;
    figures(shown: Shown<T, P>): Section[];
    explanation(shown: Shown<T, P>): string[];
  };
}
