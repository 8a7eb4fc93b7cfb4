import type { HelperStart } from "../runtime/platform.js";
import { joinTeam } from "../runtime/teamMember.js";

/** Entry of a helper thread in a browser: the first message is the team to join. */
const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<HelperStart>) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
};

scope.onmessage = ({ data }) => {
  joinTeam(data, () => scope.postMessage("ready"));
  scope.postMessage("left");
  scope.close();
};
