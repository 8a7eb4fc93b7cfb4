import { checkObject, checkOneOf } from "../validate.js";
import { checkDense } from "./dense.js";
import { checkEchoState } from "./echoState.js";
import { checkSparse } from "./sparse.js";
import type { Initialization } from "./types.js";

/** Checks an untrusted description of any method and returns it as new plain data with defaults filled in. Throws `InvalidOptionError`. */
export function checkInitialization(option: string, value: unknown): Initialization {
  const { method } = checkObject(option, value);
  switch (checkOneOf(`${option}.method`, method, ["sparse", "dense", "echoState"])) {
    case "sparse":
      return checkSparse(option, value);
    case "dense":
      return checkDense(option, value);
    case "echoState":
      return checkEchoState(option, value);
  }
}
