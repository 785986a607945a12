/** The connection to NATS: made when it is needed, given up when it cannot be trusted. */
import type { MsgHdrs, NatsConnection, NodeConnectionOptions } from "@nats-io/transport-node";
import { reasonOf } from "../../extension-error.ts";
import type { SendResult } from "../destination.ts";

export interface NatsConnectionSettings {
  /** `host:port`, or several of one cluster. */
  readonly servers: string | readonly string[] | undefined;
  /** With `password`; default nobody. */
  readonly user?: string | undefined;
  /** That of `user`. */
  readonly password?: string | undefined;
  /** Instead of the two. */
  readonly token?: string | undefined;
  /** The content of a `.creds` file. */
  readonly credentials?: string | undefined;
  /** PEM texts; `{}` or a server that wants it turns TLS on with the system's authorities. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Where answers come to; default `_INBOX`. */
  readonly inboxPrefix?: string;
}

/** A connection to publish with. */
interface OpenLink {
  readonly kind: "open";
  readonly maxPayloadBytes: number;
  /** The text of the acknowledgement. */
  ask(subject: string, body: string | Buffer, headers: readonly (readonly [string, string])[]): Promise<string>;
}

export interface Link {
  /** What the server said when it was last connected to. */
  readonly maxPayloadBytes: number | undefined;
  open(signal: AbortSignal): Promise<OpenLink | SendResult>;
  /** The work, unless the signal comes first: then what is under way may have arrived or not, and the connection goes. */
  unlessAborted(work: Promise<SendResult>, signal: AbortSignal): Promise<SendResult>;
  /** The next request has a new connection; what is under way goes on. */
  renew(): void;
  close(): void;
}

/**
 * Longer than a request has here, so that the delivery's limit, which knows of freezes, comes first. The client keeps the
 * timers of requests that were given up.
 */
const longestMs = 30_000;
const connectMs = 10_000;

export function natsLink(settings: NatsConnectionSettings): Link {
  let connecting: Promise<NatsConnection> | undefined;
  let maxPayloadBytes: number | undefined;
  let underWay = 0;
  let stale = false;
  const drop = (): void => {
    const dropped = connecting;
    connecting = undefined;
    stale = false;
    dropped?.then((connection) => connection.close()).catch(() => undefined);
  };
  const connect = (): Promise<NatsConnection> => {
    const made = connected(settings);
    made
      .then(async (connection) => {
        maxPayloadBytes = connection.info?.max_payload;
        await connection.closed();
        if (connecting === made) connecting = undefined;
      })
      .catch(() => undefined);
    return made;
  };
  const race = async <Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> => {
    underWay += 1;
    let giveUp = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      giveUp = () => reject(new Error("given up"));
      signal.addEventListener("abort", giveUp, { once: true });
    });
    try {
      return await Promise.race([work, aborted]);
    } catch (error) {
      work.catch(() => undefined);
      drop();
      throw error;
    } finally {
      underWay -= 1;
      signal.removeEventListener("abort", giveUp);
    }
  };
  return {
    get maxPayloadBytes() {
      return maxPayloadBytes;
    },
    async open(signal) {
      if (stale) drop();
      try {
        connecting ??= connect();
        const connection = await race(connecting, signal);
        const { headers } = await client();
        return {
          kind: "open",
          maxPayloadBytes: maxPayloadBytes ?? Infinity,
          async ask(subject, body, named) {
            const sent: MsgHdrs = headers();
            for (const [name, value] of named) sent.set(name, value);
            return (await connection.request(subject, body, { headers: sent, timeout: longestMs })).string();
          },
        };
      } catch (error) {
        return unopened(error);
      }
    },
    unlessAborted: race,
    renew() {
      if (underWay === 0) drop();
      else stale = true;
    },
    close: drop,
  };
}

/** Loaded when the first record is sent: Init and extensions that never send pay nothing. */
const client = () => import("@nats-io/transport-node");

async function connected(settings: NatsConnectionSettings): Promise<NatsConnection> {
  const { user, password, token, credentials, tls, inboxPrefix } = settings;
  const { connect, credsAuthenticator } = await client();
  const options: NodeConnectionOptions = {
    servers: [settings.servers ?? []].flat(),
    // Whether and when there is another attempt is the delivery's business, which knows the time that is left.
    reconnect: false,
    timeout: connectMs,
  };
  if (user !== undefined) options.user = user;
  if (password !== undefined) options.pass = password;
  if (token !== undefined) options.token = token;
  if (credentials !== undefined) options.authenticator = credsAuthenticator(Buffer.from(credentials));
  if (tls !== undefined) options.tls = tls;
  if (inboxPrefix !== undefined) options.inboxPrefix = inboxPrefix;
  return await connect(options);
}

/** A wrong key stays wrong; a server that is not there may come back. */
function unopened(error: unknown): SendResult {
  const names = error instanceof Error ? [error.name, error.cause instanceof Error ? error.cause.name : ""] : [];
  if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")
    return { kind: "closed", reason: "the package @nats-io/transport-node is missing: install it, and bundle it" };
  const reason = reasonOf(error);
  const refused = ["AuthorizationError", "UserAuthenticationExpiredError"].some((name) => names.includes(name));
  return refused ? { kind: "closed", reason } : { kind: "try later", reason };
}
