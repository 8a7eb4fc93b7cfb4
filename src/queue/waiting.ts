/** What a promise gives, within so many milliseconds; throws Error where it takes longer. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds / 1000} s`)), milliseconds);
  });
  promise.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for the first of some promises, for so many milliseconds, or for the signal. */
export async function soonerOf(
  signal: AbortSignal | undefined,
  milliseconds: number | undefined,
  ...promises: readonly Promise<unknown>[]
): Promise<void> {
  // One that is left behind may still fail, which is nobody's business any more.
  for (const promise of promises) promise.catch(() => {});
  if (signal?.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const over = new Promise<void>((resolve) => {
    stop = resolve;
    if (milliseconds !== undefined) timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", resolve as () => void);
  });
  try {
    await Promise.race([over, ...promises]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop!);
  }
}
