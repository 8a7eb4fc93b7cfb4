/** What the system says of a file that cannot be used, and what can be done about it. */
const troubles: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  EISDIR: ["a directory is where a file has to be", "move it away, or give another place"],
  ENOTEMPTY: ["a directory is where a file has to be", "move it away, or give another place"],
  ENOTDIR: ["a file is where a directory has to be", "move it away, or give another place"],
  ENOENT: ["it is not there", "see whether its name is right, and whether something else removes it"],
  EACCES: ["this user may not use it", "change its permissions, or give another place"],
  EPERM: ["this user may not use it", "change its permissions, or give another place"],
  EROFS: ["its disk can only be read", "give a place on another"],
  ENOSPC: ["its disk is full", "make room there: what was finished is kept"],
  EDQUOT: ["its disk has no more room for this user", "make room there: what was finished is kept"],
  EFBIG: ["it would be larger than files may be here", "allow larger ones (ulimit -f), or give another place"],
  ENAMETOOLONG: ["its name is too long", "give a shorter one"],
  ELOOP: ["its symbolic links go round in a circle", "mend them, or give another place"],
  EMFILE: ["this process may open no more files", "allow more (ulimit -n)"],
  EIO: ["its disk does not answer as it should", "look at the disk, or give another place"],
};

/** An error of the system's, in a sentence that names the file and the remedy where both are known. */
export function explainSystem(error: Error): string {
  const { code = "", path, dest } = error as NodeJS.ErrnoException & { readonly dest?: string };
  const trouble = Object.hasOwn(troubles, code) ? troubles[code] : undefined;
  const place = dest ?? path;
  if (trouble === undefined || place === undefined) return error.message;
  const [what, remedy] = trouble;
  return `${JSON.stringify(place)} cannot be used: ${what} (${error.message}); ${remedy}`;
}
