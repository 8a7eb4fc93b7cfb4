/** Files by name, wherever they are: a directory, a browser's file list. */
export interface DataFiles {
  /** Where they are, for messages. */
  readonly place: string;
  /** What the file of a name is called in messages. */
  path(name: string): string;
  /** The names of all files. */
  names(): Promise<readonly string[]>;
  /** The bytes of a file; undefined where there is none of that name. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
}
