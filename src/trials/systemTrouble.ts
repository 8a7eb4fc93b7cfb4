/** An error of the system's: its code, such as "EISDIR", and the file that it is about, where it is about one. */
export interface SystemError extends Error {
  readonly code?: string;
  readonly path?: string;
  /** Where something was to be renamed to. */
  readonly dest?: string;
}

/** What a code means for a file, and what can be done about it. */
export interface SystemTrouble {
  readonly what: string;
  readonly remedy: string;
  /** Another remedy: to give another file or directory. */
  readonly otherPlace?: string;
}

const otherPlace = "give another place";
const inAFilesPlace: SystemTrouble = { what: "a directory is where a file has to be", remedy: "move it away", otherPlace };
const notAllowed: SystemTrouble = { what: "this user may not use it", remedy: "change its permissions", otherPlace };

const troubles: Readonly<Record<string, SystemTrouble>> = {
  EISDIR: inAFilesPlace,
  ENOTEMPTY: inAFilesPlace,
  ENXIO: { what: "a pipe or a device is where a file has to be", remedy: "move it away", otherPlace },
  ENOTDIR: { what: "a file is where a directory has to be", remedy: "move it away", otherPlace },
  ENOENT: { what: "it is not there", remedy: "see whether its name is right, and whether something else removes it" },
  EACCES: notAllowed,
  EPERM: notAllowed,
  EROFS: { what: "its disk can only be read", remedy: "have it mounted for writing", otherPlace: "give a place on another" },
  ENOSPC: { what: "its disk is full", remedy: "make room there: what was finished is kept" },
  EDQUOT: { what: "its disk has no more room for this user", remedy: "make room there: what was finished is kept" },
  EFBIG: { what: "it would be larger than files may be here", remedy: "allow larger ones (ulimit -f)", otherPlace },
  EOVERFLOW: { what: "it is larger than what can be read", remedy: "move it away", otherPlace },
  ENAMETOOLONG: { what: "its name is too long", remedy: "give a shorter one" },
  ELOOP: { what: "its symbolic links go round in a circle", remedy: "mend them", otherPlace },
  EMFILE: { what: "this process may open no more files", remedy: "allow more (ulimit -n)" },
  EIO: { what: "its disk does not answer as it should", remedy: "look at the disk", otherPlace },
};

/** Undefined for a code of which nothing is known. */
export function systemTroubleOf(code: unknown): SystemTrouble | undefined {
  return typeof code === "string" && Object.hasOwn(troubles, code) ? troubles[code] : undefined;
}

/** Whether an error is the system's. */
export function isOfSystem(error: unknown): error is SystemError {
  return error instanceof Error && "syscall" in error;
}

/**
 * What can be done about something that has the place of another, or cannot be used there: to move it away, unless the code says that it
 * is the right thing, which this user may not use, is on a disk that can only be read, or meets a limit of the process's.
 */
export function remedyInPlace(code: unknown, moveAway: string): string {
  const isRight = ["EACCES", "EPERM", "EROFS", "EMFILE", "EFBIG"].includes(String(code));
  return isRight ? systemTroubleOf(code)!.remedy : moveAway;
}

/** What the system says, with the file in front and the remedy behind, where both are known. */
export function systemSentence(error: SystemError): string {
  const { code, path, dest } = error;
  const file = dest ?? path;
  const trouble = systemTroubleOf(code);
  if (file === undefined || trouble === undefined) return error.message;
  return `${file} cannot be used: ${trouble.what} (${error.message}); ${trouble.remedy}`;
}
