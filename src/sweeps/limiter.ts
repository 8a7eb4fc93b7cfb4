/** Room for so many at a time; who comes when it is full waits for his turn. */
export class Limiter {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async acquire(): Promise<void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  readonly release = (): void => {
    const next = this.waiting.shift();
    if (next === undefined) this.free++;
    else next();
  };

  /** Does work when there is room for it. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.acquire();
    try {
      return await work();
    } finally {
      this.release();
    }
  }
}
