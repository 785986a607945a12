/** Whoever invoked, waiting for answer and report. */
import type { Invocation, InvocationAnswer } from "../environment/invocation.ts";
import type { Report } from "../protocol/telemetry-records.ts";
import type { Clock } from "./clock.ts";
import { withResolvers } from "./parked-calls.ts";
import { ResponseStream } from "./response-stream.ts";

/** An invocation on its way. Neither promise rejects: how it went is in their values. */
export interface InvocationInFlight {
  readonly requestId: string;
  /** As soon as the caller may be answered (RT-33). */
  readonly answered: Promise<InvocationAnswer>;
  /** When the phase is over (LIFE-39); without a report when the answer is a service error and no phase began. */
  readonly concluded: Promise<Conclusion>;
  /** The bytes of the payload, while they arrive when the invocation streams. */
  readonly stream: ResponseStream;
}

export interface Conclusion {
  readonly answer: InvocationAnswer;
  readonly report: Report | undefined;
  /** The last 4 KB of the invocation's log, base64 (OBS-34). */
  readonly logTail: string;
}

interface Waiting {
  readonly invocation: Invocation;
  readonly answered: ReturnType<typeof withResolvers<InvocationAnswer>>;
  readonly concluded: ReturnType<typeof withResolvers<Conclusion>>;
  readonly stream: ResponseStream;
  answer?: InvocationAnswer;
}

export class Callers {
  readonly #waiting = new Map<string, Waiting>();
  readonly #clock: Clock;
  readonly #limitStreamingRate: boolean;

  constructor(clock: Clock, limitStreamingRate: boolean) {
    this.#clock = clock;
    this.#limitStreamingRate = limitStreamingRate;
  }

  add(invocation: Invocation): InvocationInFlight {
    const stream = new ResponseStream(this.#clock, this.#limitStreamingRate);
    const answered = withResolvers<InvocationAnswer>();
    const concluded = withResolvers<Conclusion>();
    this.#waiting.set(invocation.requestId, { invocation, answered, concluded, stream });
    return { requestId: invocation.requestId, answered: answered.promise, concluded: concluded.promise, stream };
  }

  stream(requestId: string): ResponseStream | undefined {
    return this.#waiting.get(requestId)?.stream;
  }

  answer(requestId: string, answer: InvocationAnswer, logTail: () => string): void {
    const waiting = this.#waiting.get(requestId);
    if (waiting === undefined) return;
    waiting.answer = answer;
    waiting.stream.finish(payloadBytes(answer));
    waiting.answered.resolve(answer);
    // A failed restore or a stop of the platform has no report to wait for (RT-88).
    if (answer.kind === "service error") this.#conclude(waiting, answer, undefined, logTail());
  }

  conclude(report: Report, logTail: string): void {
    const waiting = this.#waiting.get(report.requestId);
    if (waiting?.answer !== undefined) this.#conclude(waiting, waiting.answer, report, logTail);
  }

  /** Nobody may wait for ever: what is left when the environment is gone failed with it. */
  endAll(answer: InvocationAnswer): void {
    for (const { invocation } of this.#waiting.values()) this.answer(invocation.requestId, answer, () => "");
  }

  #conclude(waiting: Waiting, answer: InvocationAnswer, report: Report | undefined, logTail: string): void {
    this.#waiting.delete(waiting.invocation.requestId);
    waiting.concluded.resolve({ answer, report, logTail });
  }
}

const noBytes = new Uint8Array();

/** What the caller reads, byte for byte; nothing for a stream, whose bytes were sent already. */
function payloadBytes(answer: InvocationAnswer): Uint8Array {
  switch (answer.kind) {
    case "response":
    case "posted error":
      return answer.body;
    case "platform error":
      return Buffer.from(JSON.stringify(answer.payload));
    case "streamed response":
    case "service error":
      return noBytes;
    default:
      return answer satisfies never;
  }
}
