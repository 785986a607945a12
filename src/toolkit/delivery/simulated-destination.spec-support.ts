/** A destination in memory with the faults that real ones have. */
import type { Destination, DestinationLimits, Origin, SendResult } from "../destinations/destination.ts";
import { textItem, timeOf } from "../destinations/destination.ts";
import type { TelemetryRecord } from "../telemetry-records.ts";

export const origin: Origin = {
  extensionName: "shipper",
  functionName: "orders",
  functionVersion: "$LATEST",
  handler: "index.handler",
  accountId: "222233334444",
  region: "eu-north-1",
  memorySizeMb: 128,
  processId: "7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5",
};

export type Fault =
  | "none"
  | "down"
  | "throws"
  | "closed"
  /** Takes no request of more than three items. */
  | "small"
  /** Refuses requests that contain an item with the word poison. */
  | "picky"
  /** Takes every second item, the others later. */
  | "half";

export class SimulatedDestination implements Destination {
  readonly name = "simulated";
  readonly limits: DestinationLimits;
  fault: Fault = "none";
  /** The bodies it took, in order. */
  readonly taken: string[] = [];
  /** How many items each request had. */
  readonly requests: number[] = [];

  constructor(limits: Partial<DestinationLimits> = {}) {
    this.limits = { maxItems: 10, maxBytes: 100_000, ...limits };
  }

  encode(record: TelemetryRecord) {
    const text = JSON.stringify(record.record);
    if (text.includes("cannot be encoded")) throw new Error("this record has no form here");
    return text.includes("of no interest") ? [] : [textItem(text, timeOf(record))];
  }

  async send({ items }: { readonly items: readonly { readonly body: string | Buffer }[] }): Promise<SendResult> {
    this.requests.push(items.length);
    const bodies = items.map(({ body }) => String(body));
    switch (this.fault) {
      case "none":
        this.taken.push(...bodies);
        return { kind: "delivered" };
      case "down":
        return { kind: "try later", reason: "it is down" };
      case "throws":
        throw new Error("the connection broke");
      case "closed":
        return { kind: "closed", reason: "wrong key" };
      case "small":
        if (bodies.length > 3) return { kind: "too large" };
        this.taken.push(...bodies);
        return { kind: "delivered" };
      case "picky":
        if (bodies.some((body) => body.includes("poison"))) return { kind: "refused", reason: "poison" };
        this.taken.push(...bodies);
        return { kind: "delivered" };
      case "half": {
        this.taken.push(...bodies.filter((_, index) => index % 2 === 0));
        const failed = bodies.flatMap((_, index) => (index % 2 === 0 ? [] : [{ index, reason: "busy", retry: true }]));
        return failed.length === 0 ? { kind: "delivered" } : { kind: "partly", failed };
      }
      default:
        return this.fault satisfies never;
    }
  }
}

/** A line of the function's. */
export const line = (text: string, time = "2026-04-11T06:20:00.540Z"): TelemetryRecord => ({
  time,
  type: "function",
  record: text,
});

/** As the platform delivers them. */
export const bodyOf = (records: readonly TelemetryRecord[]): Buffer => Buffer.from(JSON.stringify(records));
