import { serveTrial } from "../trials/away/serveTrial.js";

/** Entry of the thread of a trial in a browser (`heavyball/trial-worker`): what it is to run comes in messages. */
const scope = globalThis as unknown as {
  addEventListener(event: "message", listen: (event: MessageEvent<unknown>) => void): void;
  postMessage(message: unknown): void;
};

serveTrial({
  post: (message) => scope.postMessage(message),
  listen: (hear) => scope.addEventListener("message", ({ data }) => hear(data)),
});
