import type { ServerAddress } from "./address.js";
import { QueueError } from "./queueError.js";
import { reasonIn, saysRightless } from "./refusal.js";

/** By the words for it. */
type Test = Pick<RegExp, "test">;
type Remedy = string | ((address: ServerAddress) => string);

/** How a password is given; in a program it is a part of `connection`. */
const giveIt = "in the address, as :password@ before the host, or to a command in HEAVYBALL_QUEUE_PASSWORD";

/** What is to be done about a user without them. */
export const moreRights = "its user lacks rights that a queue needs: give it ~heavyball:* &* +@all -@admin -@dangerous +info";

/** What is to be done about what a server says, or the way to it, by the first that fits. */
const remedies: readonly (readonly [Test, Remedy])[] = [
  [
    /^WRONGPASS/,
    ({ username }) =>
      username === undefined
        ? `its password is another: give that of its requirepass, ${giveIt}`
        : "it has no such user with this password: give those of its ACL, as user:password@ before the host",
  ],
  [/^NOAUTH/, `it asks for a password: give that of its requirepass, ${giveIt}`],
  [
    /DB index/i,
    ({ database }) =>
      `it has no database ${database}: leave the number out of the address, or give a smaller one (0 to 15, where its configuration does ` +
      "not say otherwise under databases)",
  ],
  [/cluster mode/, "it is part of a cluster, and a queue needs a server of its own"],
  [{ test: saysRightless }, moreRights],
  [/^DENIED/, "it is in protected mode: start it with a password (requirepass), and give that here"],
  [/max number of clients/, "it has no room for another client: raise its maxclients"],
  [/alt ?names/i, "its certificate is for another name: give the name of the host that the certificate has"],
  [
    /certificate|CERT_|_CERT/,
    "its certificate is not trusted here: name the file of the authority that signed it in NODE_EXTRA_CA_CERTS, or give tls: { ca } in a " +
      "program",
  ],
  [/ENOTFOUND|EAI_AGAIN/, "see whether the name of the host is right"],
  [/ECONNREFUSED/, "see whether it runs there, whether the port is right, and whether it listens to other machines (bind)"],
  [/^TLS: |before secure TLS/, "what is there does not speak TLS: write redis:// in place of rediss:// (tls), or the port that has TLS"],
  [
    /no answer within/,
    ({ tls }) =>
      tls === undefined
        ? "see whether it runs there, and whether a firewall is between"
        : "see whether it runs there and speaks TLS: the address of one without it begins with redis://, not rediss:// (tls)",
  ],
  [/RESP type|Protocol error/, "what is there is no server of Redis or Valkey: see whether the port is right"],
  [
    /EPIPE|ECONNRESET|Connection is closed/,
    "it ends the connection: see whether it wants TLS (rediss://), has room for another client (maxclients), and is Redis or Valkey at all",
  ],
];

/** How much of what a server says is told. */
const mostWords = 200;

/** Why a server cannot be used, in a sentence with what to do about it, in which no password is. */
export function troubleOf(address: ServerAddress, error: unknown): QueueError {
  const why = wordsOf(address, error);
  const [, found = "see whether it runs there, and whether host and port are right"] =
    remedies.find(([what]) => what.test(`${why} ${codeOf(error)}`)) ?? [];
  const remedy = typeof found === "string" ? found : found(address);
  return new QueueError("unreachable", `the queue's server ${address.place} cannot be used (${why}); ${remedy}`);
}

/** What an error says, on one line and without what a server repeats of what it was sent: the password was among it. */
export function wordsOf({ password }: ServerAddress, error: unknown): string {
  const { errors } = (error ?? {}) as Partial<AggregateError>;
  // Of a host with several addresses none may have answered.
  const said = reasonIn(error) || (errors?.[0]?.message ?? codeOf(error));
  const [first] = said.split(/, with args beginning with|\n/);
  // OpenSSL names its own source, Redis the line of a script, and the driver asks for a report; and Redis goes on about a protocol that
  // nobody asked for.
  const words = first
    .replace(/^.*?:SSL routines:[^:]*:([^:]+).*/, "TLS: $1")
    .replace(/ script: [0-9a-f]{40}, on .*/, "")
    .replace(/ Please report this\.$/, "")
    .replace(/^NOAUTH HELLO must be called.*/, "NOAUTH Authentication required");
  const shown = password === undefined || password === "" ? words : words.replaceAll(password, "[hidden]");
  return shown.slice(0, mostWords).replace(/[.:\s]+$/, "");
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}
