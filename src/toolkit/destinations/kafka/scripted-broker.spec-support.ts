/** A broker that answers as a script has it: for what a real one does only when others fail. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/** What came in a Produce request, of its first partition. */
export interface SeenBatch {
  readonly producerId: bigint;
  readonly baseSequence: number;
  readonly records: number;
}

export class ScriptedBroker {
  /** Error codes of the next Produce requests, for every partition; "lost" ends the connection in place of an answer, "none" leaves it open. */
  answers: (number | "lost" | "none")[] = [];
  /** In place of the broker that the topic's metadata name. */
  leaders: ScriptedBroker[] = [this];
  partitions = 1;
  readonly seen: SeenBatch[] = [];
  /** The keys of the requests, in order. */
  readonly asked: number[] = [];
  #producerIds = 0n;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  async open(): Promise<this> {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      let left = Buffer.alloc(0);
      socket.on("data", (piece) => {
        left = Buffer.concat([left, piece]);
        while (left.length >= 4 && left.length >= 4 + left.readInt32BE(0)) {
          const request = left.subarray(4, 4 + left.readInt32BE(0));
          left = left.subarray(4 + request.length);
          this.#take(new WireReader(request), socket);
        }
      });
    }).listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get port(): number {
    return (this.#server!.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server?.close();
  }

  #take(request: WireReader, socket: Socket): void {
    const key = request.int16();
    request.int16();
    const number = request.int32();
    request.string();
    this.asked.push(key);
    const answer = this.#answerTo(key, request);
    if (answer === "none") return;
    if (answer === "lost") {
      socket.destroy();
      return;
    }
    const body = new WireWriter().int32(number).raw(answer).finish();
    socket.write(new WireWriter().bytes(body).finish());
  }

  #answerTo(key: number, request: WireReader): Buffer | "lost" | "none" {
    const answer = new WireWriter();
    switch (key) {
      case 18:
        return answer
          .int16(0)
          .array([0], () => answer.int16(0).int16(3).int16(8))
          .finish();
      case 3:
        return this.#metadata(answer);
      case 22:
        return answer
          .int32(0)
          .int16(0)
          .int64((this.#producerIds += 1n))
          .int16(0)
          .finish();
      default:
        return this.#produced(answer, request);
    }
  }

  #metadata(answer: WireWriter): Buffer {
    const brokers = [...this.leaders.entries()];
    answer.int32(0);
    answer.array(brokers, ([id, { port }]) => answer.int32(id).string("127.0.0.1").int32(port).string(undefined));
    answer.string("cluster").int32(0).int32(1).int16(0).string("logs").int8(0);
    const indices = Array.from({ length: this.partitions }, (_, index) => index);
    answer.array(indices, (index) =>
      answer
        .int16(0)
        .int32(index)
        .int32(index % brokers.length)
        .int32(0)
        .int32(0),
    );
    return answer.finish();
  }

  #produced(answer: WireWriter, request: WireReader): Buffer | "lost" | "none" {
    request.string();
    request.int16();
    request.int32();
    const [indices = []] = request.array(() => {
      request.string();
      return request.array(() => {
        const index = request.int32();
        const batch = request.bytes();
        this.seen.push({
          producerId: batch.readBigInt64BE(43),
          baseSequence: batch.readInt32BE(53),
          records: batch.readInt32BE(57),
        });
        return index;
      });
    });
    const error = this.answers.shift() ?? 0;
    if (error === "lost" || error === "none") return error;
    answer.int32(1).string("logs");
    answer.array(indices, (index) =>
      answer.int32(index).int16(error).int64(0n).int64(-1n).int64(0n).int32(0).string(undefined),
    );
    return answer.int32(0).finish();
  }
}
