import { isArray } from "../boundary/realm.js";
import { InvalidOptionError } from "../errors.js";
import { checkInteger, checkKnownOptions, checkObject, checkOneOf } from "../validate.js";

/**
 * Activation of a layer, of its sums z: logistic 1 / (1 + e^-z), tanh z, relu max(0, z), linear z, and softmax e^{z_i} / sum_j e^{z_j} for
 * outputs.
 */
export type Activation = "logistic" | "tanh" | "relu" | "linear" | "softmax";
/**
 * Loss of a case, summed over its outputs: crossEntropy, of logistic or softmax outputs, or squared, 1/2 (output - target)^2, of linear
 * ones.
 */
export type Loss = "crossEntropy" | "squared";

/** A feed-forward network as plain data. `activations[i]` belongs to the layer from `sizes[i]` to `sizes[i + 1]`. */
export interface FeedForwardDescription {
  readonly kind: "feedForward";
  readonly sizes: readonly number[];
  readonly activations: readonly Activation[];
  readonly loss: Loss;
  /** Whether targets default to the inputs. */
  readonly autoencoder: boolean;
}

/** A recurrent network as plain data. */
export interface RecurrentDescription {
  readonly kind: "recurrent";
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly output: Activation;
  readonly loss: Loss;
}

/** A network as plain data, as `feedForward`, `autoencoder` and `recurrent` make them. */
export type NetworkDescription = FeedForwardDescription | RecurrentDescription;

const HIDDEN = ["logistic", "tanh", "linear", "relu"] as const;
const OUTPUT = ["logistic", "softmax", "linear"] as const;
/** The loss that matches an output: with it, the output's delta is output - target. */
const MATCHED: Record<(typeof OUTPUT)[number], Loss> = { logistic: "crossEntropy", softmax: "crossEntropy", linear: "squared" };
/** Largest layer: keeps every byte offset of one layer's rows within 32 bits. */
const MAXIMUM_UNITS = 1 << 24;
/**
 * Most weight layers: each has a place in memory of its own, and nobody trains as many; a description from a file must not take minutes to
 * be found wrong.
 */
const MAXIMUM_LAYERS = 10_000;

/** Options of `feedForward`. */
export interface FeedForwardOptions {
  /** Units of every layer, inputs first, at least two. */
  sizes: readonly number[];
  /** One for each weight layer. Default: logistic hidden layers and a linear output. */
  activations?: readonly Activation[];
  /** Default, and the only one allowed: the one that matches the output, crossEntropy for logistic and softmax, squared for linear. */
  loss?: Loss;
}

/** Options of `autoencoder`. */
export interface AutoencoderOptions {
  /** Units from the inputs to the code; the decoder is the mirror image. */
  encoder: readonly number[];
  /** Activation of hidden layers. Default logistic. */
  hidden?: Activation;
  /** Activation of the code layer. Default linear. */
  code?: Activation;
  /** Activation of the outputs, logistic or linear. Default logistic. */
  output?: Activation;
  /** Default, and the only one allowed: the one that matches the output. */
  loss?: Loss;
}

/** Options of `recurrent`. */
export interface RecurrentOptions {
  /** Channels of each time step. */
  inputs: number;
  /** tanh units. */
  hidden: number;
  /** Outputs of each time step. */
  outputs: number;
  /** Activation of the outputs, logistic, softmax or linear. Default linear. */
  output?: Activation;
  /** Default, and the only one allowed: the one that matches the output. */
  loss?: Loss;
}

/**
 * Describes a feed-forward network.
 *
 * `sizes`: units of every layer, inputs first, at least two. `activations`: one per weight layer; default logistic hidden layers and a
 * linear output. `loss`: default the one that matches the output (crossEntropy for logistic and softmax, squared for linear); others are
 * refused.
 */
export function feedForward(options: FeedForwardOptions): FeedForwardDescription {
  checkKnownOptions("feedForward", checkObject("feedForward", options), ["sizes", "activations", "loss"]);
  const sizes = checkSizes("sizes", options.sizes);
  const layers = sizes.length - 1;
  const { activations = sizes.slice(1).map((_, i) => (i === layers - 1 ? "linear" : "logistic")) } = options;
  return complete(sizes, activations, options.loss, false);
}

/**
 * Describes an autoencoder: the encoder's layers and their mirror image, untied weights, targets defaulting to the inputs.
 *
 * `encoder`: units from the inputs to the code. `hidden` (default logistic), `code` (default linear), `output` (default logistic):
 * activations. `loss`: default the one that matches the output.
 */
export function autoencoder(options: AutoencoderOptions): FeedForwardDescription {
  checkKnownOptions("autoencoder", checkObject("autoencoder", options), ["encoder", "hidden", "code", "output", "loss"]);
  const encoder = checkSizes("encoder", options.encoder, MAXIMUM_LAYERS / 2);
  const { hidden = "logistic", code = "linear", output = "logistic" } = options;
  checkOneOf("hidden", hidden, HIDDEN);
  checkOneOf("code", code, HIDDEN);
  refuseSoftmax("output", checkOneOf("output", output, OUTPUT));
  const sizes = [...encoder, ...encoder.slice(0, -1).reverse()];
  const depth = encoder.length - 1;
  const activations = sizes.slice(1).map((_, i) => (i === sizes.length - 2 ? output : i === depth - 1 ? code : hidden));
  return complete(sizes, activations, options.loss, true);
}

/**
 * Describes a recurrent network with tanh units: h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h), h_{-1} = 0, outputs activation(h_t W_ho + b_o)
 * at every step.
 *
 * `output`: activation of the outputs, default linear. `loss`: default the one that matches the output.
 */
export function recurrent(options: RecurrentOptions): RecurrentDescription {
  checkKnownOptions("recurrent", checkObject("recurrent", options), ["inputs", "hidden", "outputs", "output", "loss"]);
  const { output: activation = "linear" } = options;
  const output = checkOneOf("output", activation, OUTPUT);
  return {
    kind: "recurrent",
    inputs: checkInteger("inputs", options.inputs, 1, MAXIMUM_UNITS),
    hidden: checkInteger("hidden", options.hidden, 1, MAXIMUM_UNITS),
    outputs: checkOutputs("outputs", checkInteger("outputs", options.outputs, 1, MAXIMUM_UNITS), output),
    output,
    loss: matchedLoss(output, options.loss),
  };
}

/** Validates a description from anywhere (typed by hand, read from a file); returns it as plain data of its own. */
export function checkNetworkDescription(description: unknown): NetworkDescription {
  const kind = checkOneOf("network.kind", checkObject("network", description).kind, ["feedForward", "recurrent"]);
  return kind === "feedForward" ? checkFeedForward(description) : checkRecurrent(description);
}

export function checkFeedForward(description: unknown): FeedForwardDescription {
  const given = checkObject("network", description);
  checkKnownOptions("network", given, ["kind", "sizes", "activations", "loss", "autoencoder"]);
  if (typeof given.autoencoder !== "boolean") throw new InvalidOptionError("network.autoencoder", given.autoencoder, "true or false");
  return complete(checkSizes("network.sizes", given.sizes), given.activations, given.loss, given.autoencoder);
}

export function checkRecurrent(description: unknown): RecurrentDescription {
  const given = checkObject("network", description);
  checkKnownOptions("network", given, ["kind", "inputs", "hidden", "outputs", "output", "loss"]);
  const { kind: _kind, ...options } = given;
  return recurrent(options as unknown as Parameters<typeof recurrent>[0]);
}

function complete(sizes: readonly number[], activations: unknown, loss: unknown, isAutoencoder: boolean): FeedForwardDescription {
  const layers = sizes.length - 1;
  if (!isArray(activations) || activations.length !== layers) {
    throw new InvalidOptionError("activations", activations, `an array of ${layers} names, one per weight layer`);
  }
  for (let i = 0; i < layers - 1; i++) checkOneOf(`activations[${i}]`, activations[i], HIDDEN);
  const last = `activations[${layers - 1}]`;
  const output = checkOneOf(last, activations[layers - 1], OUTPUT);
  checkOutputs(`sizes[${layers}]`, sizes[layers], output);
  if (isAutoencoder) refuseSoftmax(last, output);
  if (isAutoencoder && sizes[0] !== sizes.at(-1))
    throw new InvalidOptionError("sizes", sizes, "as wide at the end as at the beginning for an autoencoder");
  return {
    kind: "feedForward",
    sizes: [...sizes],
    activations: [...activations] as Activation[],
    loss: matchedLoss(output, loss),
    autoencoder: isAutoencoder,
  };
}

function matchedLoss(output: (typeof OUTPUT)[number], loss: unknown): Loss {
  if (loss !== undefined && loss !== MATCHED[output])
    throw new InvalidOptionError("loss", loss, `"${MATCHED[output]}", the one that matches a ${output} output`);
  return MATCHED[output];
}

/** For an autoencoder. */
function refuseSoftmax(option: string, output: Activation): void {
  if (output === "softmax")
    throw new InvalidOptionError(
      option,
      output,
      '"logistic" or "linear" for an autoencoder: the outputs of a softmax sum to 1, and its inputs do not',
    );
}

/** A softmax of one unit is 1 whatever its input, and has nothing to learn. */
function checkOutputs(option: string, units: number, output: (typeof OUTPUT)[number]): number {
  if (output === "softmax" && units === 1)
    throw new InvalidOptionError(
      option,
      units,
      'at least 2 for a softmax, whose one output would always be 1; for a yes or no take "logistic"',
    );
  return units;
}

function checkSizes(option: string, sizes: unknown, mostLayers = MAXIMUM_LAYERS): readonly number[] {
  if (!isArray(sizes) || sizes.length < 2) throw new InvalidOptionError(option, sizes, "an array of at least 2 layer sizes");
  if (sizes.length > mostLayers + 1) throw new InvalidOptionError(option, sizes, `an array of at most ${mostLayers + 1} layer sizes`);
  return Array.from(sizes, (size, i) => checkInteger(`${option}[${i}]`, size, 1, MAXIMUM_UNITS));
}
