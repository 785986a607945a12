/** A client that sees every byte: no library between the test and the socket. */
import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly statusLine: string;
  readonly status: number;
  /** Names and values as they stood on the wire. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface RawConnection {
  send(bytes: string | Uint8Array): void;
  /** Sends FIN and goes on reading. */
  halfClose(): void;
  /** Lets go without reading anything more. */
  drop(): void;
  /** Takes nothing more from the kernel, as a frozen process. */
  stopReading(): void;
  /** Sends a reset. */
  reset(): void;
  /** The next answer, an interim one included; rejects when the connection ends before it is complete. */
  receive(): Promise<RawAnswer>;
  /** Bytes received and not taken as an answer yet. */
  readonly unread: number;
  /** Fulfilled when the other side has closed. */
  readonly closed: Promise<void>;
}

export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return new NetConnection(socket);
}

/** The value of a header in exactly this spelling. */
export function exactHeader(answer: RawAnswer, name: string): string | undefined {
  return answer.headers.find(([sent]) => sent === name)?.[1];
}

class NetConnection implements RawConnection {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake = (): void => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        this.#ended = true;
        this.#wake();
        resolve();
      };
      socket.on("end", end).on("close", end).on("error", end);
    });
    socket.on("data", (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
  }

  get unread(): number {
    return this.#received.length;
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  halfClose(): void {
    this.#socket.end();
  }

  drop(): void {
    this.#socket.destroy();
  }

  stopReading(): void {
    this.#socket.pause();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  async receive(): Promise<RawAnswer> {
    for (;;) {
      const parsed = parseAnswer(this.#received);
      if (parsed !== undefined) {
        this.#received = this.#received.subarray(parsed.length);
        return parsed.answer;
      }
      if (this.#ended) throw new Error(`connection ended after ${JSON.stringify(this.#received.toString("latin1"))}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

function parseAnswer(bytes: Buffer): { readonly answer: RawAnswer; readonly length: number } | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [statusLine = "", ...lines] = bytes.subarray(0, headEnd).toString("latin1").split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const announced = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  const status = Number(statusLine.split(" ")[1]);
  if (announced === undefined && status >= 200)
    throw new Error(`no Content-Length: ${statusLine} ${lines.join(" | ")}`);
  const length = headEnd + 4 + Number(announced ?? "0");
  if (bytes.length < length) return undefined;
  return { answer: { statusLine, status, headers, body: bytes.subarray(headEnd + 4, length) }, length };
}
