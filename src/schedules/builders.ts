import { checkObject } from "../validate.js";
import { checkSchedule } from "./check.js";
import type {
  ConstantSchedule,
  FinalPhase,
  InverseSchedule,
  Nesterov1983Schedule,
  PiecewiseSchedule,
  Schedule,
  SutskeverSchedule,
} from "./types.js";

/** What every schedule may have. */
export interface WithFinal {
  /** A last phase in which the value is another: counted from the end of a trial, or from the start. */
  final?: FinalPhase;
}

/** Options of `schedules.constant`. */
export interface ConstantOptions extends WithFinal {
  /** The value at every update. */
  value: number;
}

/** Options of `schedules.sutskever`. */
export interface SutskeverOptions extends WithFinal {
  /** What it grows to. Default 0.99. */
  max?: number;
  /** Updates between two steps. Default 250, the paper's. */
  period?: number;
}

/** Options of `schedules.piecewise`. */
export interface PiecewiseOptions extends WithFinal {
  /** One more than `at`; a value may be a schedule itself. */
  values: readonly Schedule[];
  /** Where each value gives way to the next. */
  at: readonly number[];
}

/** Options of `schedules.inverse`. */
export interface InverseOptions extends WithFinal {
  /** Over the updates since `offset`. */
  numerator: number;
  /** Default 0. */
  offset?: number;
  /** What it does not exceed. Default 1. */
  max?: number;
}

const ANY = { minimum: -Infinity, maximum: Infinity };

function build<T>(kind: string, options: object): T {
  const option = `schedules.${kind}`;
  return checkSchedule(option, { ...checkObject(option, options), schedule: kind }, ANY) as T;
}

/**
 * Makes schedules: plain data, with defaults filled in, to be given anywhere a number goes. Whether the values suit an option (a momentum
 * lies between 0 and 1) is checked where the schedule is used. Throws `InvalidOptionError`.
 *
 *     nesterov({ learningRate: 0.01, momentum: schedules.sutskever({ max: 0.995, final: { from: 749_000, value: 0.9 } }) })
 */
export const schedules = {
  /** `value` at every update. */
  constant(options: ConstantOptions): ConstantSchedule {
    return build("constant", options);
  },

  /** Eq. 5: min(1 - 1/(2 (floor(t / period) + 1)), max); max 0.99 and period 250 unless given. */
  sutskever(options: SutskeverOptions = {}): SutskeverSchedule {
    return build("sutskever", options);
  },

  /** 1 - 3/(t + 5). */
  nesterov1983(options: WithFinal = {}): Nesterov1983Schedule {
    return build("nesterov1983", options);
  },

  /**
   * `values[0]` until update `at[0]`, `values[1]` until `at[1]`, and so on: `values` is one longer than `at`. A value may be a schedule
   * itself, counting from the same start.
   */
  piecewise(options: PiecewiseOptions): PiecewiseSchedule {
    return build("piecewise", options);
  },

  /** min(max, numerator / (t - offset)), and max while t <= offset; offset 0 and max 1 unless given. */
  inverse(options: InverseOptions): InverseSchedule {
    return build("inverse", options);
  },
} as const;
