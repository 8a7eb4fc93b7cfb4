import { serveTrial } from "../trials/away/serveTrial.js";

const scope = globalThis as unknown as {
  addEventListener(event: "message", listen: (event: MessageEvent<unknown>) => void): void;
  postMessage(message: unknown): void;
};

/** Makes of this Worker the thread of a trial: what it is to run comes in messages. */
export function serveTrialHere(): void {
  serveTrial({
    post: (message) => scope.postMessage(message),
    listen: (hear) => scope.addEventListener("message", ({ data }) => hear(data)),
  });
}
