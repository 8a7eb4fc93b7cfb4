import { DisposedError } from "../../errors.js";
import { storeKeeper } from "./awayStore.js";
import type { AwayNetwork, AwayTrialOptions, EndedAwayTrial } from "./awayTypes.js";
import type { NetworkMethod, StartNews } from "./order.js";

/** Calls the network of a trial in its thread. */
export type AskNetwork = (method: NetworkMethod, ...given: readonly unknown[]) => Promise<unknown>;

/** What the thread of a trial calls: the callbacks and the store of whoever asked for the trial. */
export class Answers {
  /** Whether the thread has said that it is there. */
  hasStarted = false;
  /** What a callback has thrown. */
  thrown: { readonly error: unknown } | undefined;
  private network: AwayNetwork | undefined;
  private readonly keep: ReturnType<typeof storeKeeper> | undefined;

  constructor(
    private readonly options: AwayTrialOptions,
    private readonly ask: AskNetwork,
  ) {
    this.keep = options.store && storeKeeper(options.store);
  }

  answer(name: string, [first, ...rest]: readonly unknown[]): unknown {
    if (name === "hello") this.hasStarted = true;
    if (name === "store") return this.keep?.(first as string, rest);
    if (name === "callback") return this.callBack(first as string, rest[0]);
    return undefined;
  }

  /** What a callback returns stays here. */
  private async callBack(name: string, news: unknown): Promise<void> {
    try {
      if (name === "onStart") {
        const network = this.networkOf(news as StartNews);
        await this.options.onStart?.({ ...(news as StartNews), network });
      } else if (name === "onEnd") {
        const { network } = this;
        if (network === undefined) throw new DisposedError("network");
        await this.options.onEnd?.({ ...(news as Omit<EndedAwayTrial, "network">), network });
      } else await (this.options as Readonly<Record<string, ((news: unknown) => unknown) | undefined>>)[name]?.(news);
    } catch (error) {
      this.thrown ??= { error };
      throw error;
    }
  }

  private networkOf({ network: { description, layout } }: StartNews): AwayNetwork {
    const ask = <Result>(method: NetworkMethod, ...given: readonly unknown[]) => this.ask(method, ...given) as Promise<Result>;
    this.network = {
      description,
      layout,
      getParameters: () => ask("getParameters"),
      predict: (batch) => ask("predict", batch),
      evaluate: (batch) => ask("evaluate", batch),
      activations: (batch, layer) => ask("activations", batch, layer),
    };
    return this.network;
  }
}
