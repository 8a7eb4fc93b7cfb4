import { type SystemError, systemTroubleOf } from "../trials/systemTrouble.js";

/** An error of the system's, in a sentence that names the file and the remedy where both are known. */
export function explainSystem(error: SystemError): string {
  const { code, path, dest } = error;
  const trouble = systemTroubleOf(code);
  const place = dest ?? path;
  if (trouble === undefined || place === undefined) return error.message;
  const { what, remedy, otherPlace } = trouble;
  const remedies = otherPlace === undefined ? remedy : `${remedy}, or ${otherPlace}`;
  return `${JSON.stringify(place)} cannot be used: ${what} (${error.message}); ${remedies}`;
}
