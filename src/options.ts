/** An option of the command line that sets a part of a trial's spec: how tasks and methods say which they have. */
export interface SpecOption {
  /** As in "--learning-rate", without the dashes. */
  readonly name: string;
  /** A number, text, or nothing: a flag. */
  readonly kind: "number" | "text" | "flag";
  /** Stands for the value in the help, e.g. "N". */
  readonly value?: string;
  readonly help: string;
  /** The default, where several tasks have the option and differ in it: the help then lists them. */
  readonly fallback?: string;
  /** The part of the spec, as in "task.length" or "optimizer.damping.initial". */
  readonly path: string;
  /** Why it means nothing to a task that does not say so itself: what follows "--layers does not apply to curves, ". */
  readonly elsewhere?: string;
  /** What a flag sets the part to. */
  readonly sets?: boolean;
  /** The value of the part from the text that was given; whether it is a right one is for the spec's check to say. */
  readonly read?: (text: string) => unknown;
}
