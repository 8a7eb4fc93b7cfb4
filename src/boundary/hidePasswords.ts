/** A text in which every address that has a user or a password before its host has them no more. */
export function hidePasswords(text: string): string {
  // Up to the last @: where a password has one that is not written as %40, what follows the first is still part of it.
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s"'`<>]*@/gi, "$1[hidden]@");
}
