import { createServer, type Socket } from "node:net";

/** What listens on a port of this machine and is no server of Redis; `answer` gets each connection, and by default nothing is said. */
export async function withListener(
  work: (listener: { readonly port: number; readonly url: string; readonly called: Promise<void> }) => Promise<void>,
  answer: (socket: Socket) => void = () => {},
): Promise<void> {
  const sockets = new Set<Socket>();
  let hear: (() => void) | undefined;
  const called = new Promise<void>((resolve) => (hear = resolve));
  // Where a client says good-bye, nothing is said either.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("error", () => {}));
    answer(socket);
    hear!();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    await work({ port, url: `redis://127.0.0.1:${port}`, called });
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}
