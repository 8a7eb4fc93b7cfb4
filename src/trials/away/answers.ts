import { DisposedError, InvalidOptionError } from "../../errors.js";
import { membersOf } from "../../networks/batch.js";
import type { TrialSpec } from "../spec.js";
import { noUpdateLeft } from "../trialChanges.js";
import { checkChange, type TrialEvent } from "../trialEvent.js";
import { StoreKeeper } from "./awayStore.js";
import type { AwayNetwork, AwayTrialOptions, EndedAwayTrial } from "./awayTypes.js";
import { canBeSent } from "./errors.js";
import { type NetworkMethod, SENDABLE, type StartNews } from "./order.js";

/** Calls something in the thread of a trial, by its name. */
export type AskThread = (name: "network" | "change", ...given: readonly unknown[]) => Promise<unknown>;

/** What the thread of a trial calls: the callbacks and the store of whoever asked for the trial. */
export class Answers {
  /** Whether the thread has said that it is there. */
  hasStarted = false;
  private network: AwayNetwork | undefined;
  private readonly keeper: StoreKeeper | undefined;

  constructor(
    private readonly spec: TrialSpec,
    private readonly options: AwayTrialOptions,
    private readonly ask: AskThread,
  ) {
    this.keeper = options.store && new StoreKeeper(options.store);
  }

  answer(name: string, [first, ...rest]: readonly unknown[]): unknown {
    if (name === "hello") this.hasStarted = true;
    if (name === "store") return this.keeper?.answer(first as string, rest);
    if (name === "callback") return this.callBack(first as string, rest[0]);
    return undefined;
  }

  /** The thread is gone: others may write the store from now on. */
  async release(): Promise<void> {
    await this.keeper?.release();
  }

  /** What a callback returns stays here. */
  private async callBack(name: string, news: unknown): Promise<void> {
    if (name === "onStart") {
      const network = this.networkOf(news as StartNews);
      const change = (asked: unknown) => this.change(asked);
      await this.options.onStart?.({ ...(news as StartNews), network, change });
    } else if (name === "onEnd") {
      const { network } = this;
      if (network === undefined) throw new DisposedError("network");
      await this.options.onEnd?.({ ...(news as Omit<EndedAwayTrial, "network">), network });
    } else await (this.options as Readonly<Record<string, ((news: unknown) => unknown) | undefined>>)[name]?.(news);
  }

  private async change(asked: unknown): Promise<TrialEvent> {
    // Checked here, it is plain data, which can be sent.
    const change = checkChange("change", this.spec, asked);
    try {
      return (await this.ask("change", change)) as TrialEvent;
    } catch (error) {
      throw error instanceof DisposedError ? noUpdateLeft() : error;
    }
  }

  private networkOf({ network: { description, layout } }: StartNews): AwayNetwork {
    const ask = async <Result>(method: NetworkMethod, ...given: readonly unknown[]): Promise<Result> => {
      try {
        return (await this.ask("network", method, ...given)) as Result;
      } catch (error) {
        const at = given.findIndex((one) => !canBeSent(one));
        throw at < 0 ? error : new InvalidOptionError(["batch", "layer"][at], given[at], SENDABLE);
      }
    };
    this.network = {
      description,
      layout,
      getParameters: () => ask("getParameters"),
      predict: async (batch) => ask("predict", membersOf(batch)),
      evaluate: async (batch) => ask("evaluate", membersOf(batch)),
      activations: async (batch, layer) => ask("activations", membersOf(batch), layer),
    };
    return this.network;
  }
}
