/** One connection to one broker: requests have numbers, and answers come in order. */
import type { Socket } from "node:net";
import type { KafkaRequest } from "./requests.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** PEM texts; without `ca` the system's authorities. */
export interface KafkaTls {
  /** Of the authorities that are trusted. */
  readonly ca?: string;
  /** Of this client, where brokers know it by its certificate. */
  readonly cert?: string;
  /** That of `cert`. */
  readonly key?: string;
  /** The name the certificate must have; default the broker's host. */
  readonly serverName?: string;
}

interface Waiting {
  readonly take: (answer: Buffer) => void;
  readonly fail: (error: Error) => void;
}

export class BrokerConnection {
  readonly #address: BrokerAddress;
  readonly #clientId: string;
  readonly #waiting = new Map<number, Waiting>();
  #socket: Socket | undefined;
  #number = 0;
  #left: Buffer = Buffer.alloc(0);
  #ended: Error | undefined;

  constructor(address: BrokerAddress, clientId: string) {
    this.#address = address;
    this.#clientId = clientId;
  }

  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  async connect(tls: KafkaTls | undefined): Promise<void> {
    const socket = await socketTo(this.#address, tls);
    if (this.#ended !== undefined) {
      socket.destroy();
      throw this.#ended;
    }
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once(tls === undefined ? "connect" : "secureConnect", resolve);
      socket.once("close", () => this.close("the broker closed the connection"));
      socket.on("error", (error: NodeJS.ErrnoException) => this.close(error.code ?? error.message));
      socket.on("data", (piece: Buffer) => this.#read(piece));
      this.#waiting.set(0, { take: () => undefined, fail: reject });
    });
    this.#waiting.delete(0);
    socket.setNoDelay(true);
  }

  ask<Answer>({ key, version, body, read }: KafkaRequest<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined || this.#socket === undefined) {
        reject(this.#ended ?? new Error("not connected"));
        return;
      }
      this.#number += 1;
      const take = (answer: Buffer): void => {
        try {
          resolve(read(new WireReader(answer)));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      this.#waiting.set(this.#number, { take, fail: reject });
      const head = new WireWriter().int16(key).int16(version).int32(this.#number).string(this.#clientId).finish();
      const length = new WireWriter().int32(head.length + body.length).finish();
      this.#socket.write(Buffer.concat([length, head, body]));
    });
  }

  /** Whatever was asked fails with this reason. */
  close(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = new Error(`${this.#address.host}:${this.#address.port}: ${reason}`);
    this.#socket?.destroy();
    for (const { fail } of this.#waiting.values()) fail(this.#ended);
    this.#waiting.clear();
  }

  #read(piece: Buffer): void {
    this.#left = this.#left.length === 0 ? piece : Buffer.concat([this.#left, piece]);
    while (this.#left.length >= 4 && this.#ended === undefined) {
      const length = this.#left.readInt32BE(0);
      // A server that speaks TLS, or HTTP, or nothing of the kind.
      if (length < 4 || length > longestAnswerBytes) {
        this.close("what answers does not speak Kafka's protocol");
        return;
      }
      if (this.#left.length < 4 + length) return;
      const number = this.#left.readInt32BE(4);
      const answer = this.#left.subarray(8, 4 + length);
      this.#left = this.#left.subarray(4 + length);
      const waiting = this.#waiting.get(number);
      this.#waiting.delete(number);
      waiting?.take(answer);
    }
  }
}

/** Metadata of one topic, the longest answer there is, has some 30 bytes for each partition and broker. */
const longestAnswerBytes = 16_777_216;

/** TLS is loaded where it is wanted. */
async function socketTo({ host, port }: BrokerAddress, tls: KafkaTls | undefined): Promise<Socket> {
  if (tls === undefined) return (await import("node:net")).connect({ host, port });
  const { connect } = await import("node:tls");
  const { serverName = host, ...rest } = tls;
  // An address is no server name (RFC 6066); the certificate is checked against the host all the same.
  const { isIP } = await import("node:net");
  return connect({ host, port, ...rest, ...(isIP(serverName) === 0 ? { servername: serverName } : {}) });
}
