/** What all keys on the server begin with; BullMQ's are heavyball:QUEUE:..., beside these. */
export const prefix = "heavyball";

/** The sweeps that are at work, by their ids; some may be gone. */
export const sweepersKey = `${prefix}:sweepers`;

/** What a sweep at work wants; it goes by itself when the sweep is gone. */
export const sweeperKey = (id: string): string => `${prefix}:sweeper:${id}`;

/** Sentences of workers for the sweeps of a queue: who was refused, and what the server did not take of them. */
export const wordsKey = (queue: string): string => `${prefix}:runs:${queue}:words`;

/** What there is of one trial, beside BullMQ's job. */
export const trialKeys = (queue: string, key: string) => {
  const start = `${prefix}:runs:${queue}:${key}`;
  return {
    /** The sweeps that want it. */
    wanted: `${start}:wanted`,
    /** Its furthest checkpoint. */
    checkpoint: `${start}:checkpoint`,
    /** Where a piece of a content is; `writer` is whoever wrote it. */
    piece: (writer: string, name: string, at: number): string => `${start}:${writer}:${name}:${at}`,
  };
};

/** Seconds that a content, and a job that has ended, stay on the server when nobody fetches them. */
export const contentSeconds = 7 * 24 * 3600;
/** Seconds that it is known who wants a trial, which is a few bytes. */
export const wantedSeconds = 30 * 24 * 3600;
/** Seconds after which a sweep that has not been heard of is gone. */
export const sweeperSeconds = 60;
