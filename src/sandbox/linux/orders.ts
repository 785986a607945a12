/** The language of the init program (init/init.c): orders as bytes, answers as lines. */

export interface StartOrder {
  readonly file: string;
  readonly directory: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly withLog: boolean;
}

export type Answer =
  | { readonly kind: "ready" }
  | { readonly kind: "made"; readonly id: number; readonly pid: number; readonly reads: readonly number[] }
  | { readonly kind: "runs"; readonly id: number }
  | { readonly kind: "refused"; readonly id: number; readonly errno: number }
  | { readonly kind: "ended"; readonly id: number; readonly status: number }
  | { readonly kind: "looked"; readonly id: number; readonly found: "nothing" | "directory" | "other" }
  | { readonly kind: "no socket"; readonly id: number; readonly errno: number }
  | { readonly kind: "signalled"; readonly id: number }
  | { readonly kind: "alone"; readonly id: number };

/** What the init program takes at most, in bytes; more could not be executed anyway. */
export const orderAtMostBytes = 16 * 1024 * 1024;

export function startOrder(id: number, order: StartOrder): Buffer {
  const env = Object.entries(order.env).map(([name, value]) => `${name}=${value}`);
  const argv = [order.file, ...order.args];
  const strings = [order.file, order.directory, ...argv, ...env].map((text) => `${text}\0`).join("");
  const flags = (order.withLog ? logFlag : 0) | waitFlag;
  return frame("S", id, Buffer.concat([numbers(flags, argv.length, env.length), Buffer.from(strings)]));
}

export function goOrder(id: number): Buffer {
  return frame("G", id);
}

export function lookOrder(id: number, path: string): Buffer {
  return frame("Q", id, Buffer.from(`${path}\0`));
}

/** What a socket is for: connections from outside to a port inside, a server, or datagrams. */
export type SocketWish = { readonly use: "connect" } | { readonly use: "listen" | "datagrams"; readonly port: number };

export function socketOrder(id: number, wish: SocketWish): Buffer {
  if (wish.use === "connect") return frame("C", id);
  return frame(wish.use === "listen" ? "L" : "D", id, numbers(wish.port));
}

/** A signal to all programs: what there is instead of a freezer. */
export function signalAllOrder(id: number, signal: number): Buffer {
  return frame("T", id, numbers(signal));
}

export function endAllOrder(id: number): Buffer {
  return frame("K", id);
}

/** Reads one line of the init program; `undefined` for one that is none of its answers. */
export function parseAnswer(line: string): Answer | undefined {
  const [letter, ...rest] = line.split(" ");
  const [id = Number.NaN, second = Number.NaN, ...reads] = rest.map(Number);
  switch (letter) {
    case "R":
      return { kind: "ready" };
    case "F":
      return { kind: "made", id, pid: second, reads };
    case "S":
      return { kind: "runs", id };
    case "E":
      return { kind: "refused", id, errno: second };
    case "X":
      return { kind: "ended", id, status: second };
    case "Q":
      return { kind: "looked", id, found: (["nothing", "other", "directory"] as const)[second] ?? "nothing" };
    case "H":
      return { kind: "no socket", id, errno: second };
    case "k":
      return { kind: "signalled", id };
    case "K":
      return { kind: "alone", id };
    default:
      return undefined;
  }
}

const logFlag = 1;
const waitFlag = 2;

function frame(letter: string, id: number, content: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(5 + content.length, 0);
  head.write(letter, 4, "latin1");
  head.writeUInt32LE(id, 5);
  return Buffer.concat([head, content]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeUInt32LE(value, at * 4));
  return bytes;
}
