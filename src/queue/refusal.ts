/** What servers say of what they do not do: Redis 6.2, Redis 7 and Valkey have other words for the same, and others inside scripts. */

/** For a time: it has no room, loads what it saved, is held up by a script, saves to a full disk, or is taken over by another. */
const passing =
  /^(OOM|LOADING|BUSY|MISCONF|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|NOSCRIPT|EXECABORT)\b|max number of clients/;

const rightless = /^NOPERM\b|ACL failure in script|user executing the script can't/;

/** An error's words; of a server's those alone that say why, whether a command, a script or a transaction was refused. */
export function reasonIn(error: unknown): string {
  const { message = String(error), previousErrors } = (error ?? {}) as Partial<TransactionError>;
  return (previousErrors?.[0]?.message ?? message)
    .replace(/^EXECABORT Transaction discarded because of: /, "")
    .replace(/^(ERR )?Error running script .*?: (@\w+: *\d+: *)*/, "")
    .replace(/^-(?=[A-Z]+ )/, "");
}

/** Whether a server refused something for want of memory, by its words. */
export function saysFull(error: unknown): boolean {
  return /^OOM\b/.test(reasonIn(error));
}

/** Whether a server refused something for want of rights, by its words. */
export function saysRightless(words: string): boolean {
  return rightless.test(words);
}

/** Whether a server refused something that it will refuse the next time too, until somebody changes it, or what it is asked. */
export function isLasting(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError" && !passing.test(reasonIn(error));
}

interface TransactionError extends Error {
  /** The driver's, where a transaction is refused: why its commands were. */
  readonly previousErrors: readonly Error[];
}
