/** On a page's main thread nobody may wait, so every runtime has one thread there. */
export const onPage = typeof document !== "undefined";

/** Threads to ask for where a team of `threads` is wanted: on a page's main thread more than one are refused. */
export const teamOf = (threads: number): number => (onPage ? 1 : threads);
