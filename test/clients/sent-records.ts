/** Records for a destination, and what it makes of them without an extension around it. */
import type { Destination, SendResult, TelemetryRecord } from "lambdarium/extension";

export const origin: Parameters<Destination["encode"]>[1] = {
  extensionName: "shipper",
  functionName: "orders",
  functionVersion: "$LATEST",
  handler: "index.handler",
  region: "eu-north-1",
  memorySizeMb: 128,
  processId: "7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5",
};

export const line = (record: string, time = "2026-04-11T06:20:00.540Z"): TelemetryRecord => ({
  time,
  type: "function",
  record,
});

/** One request with all of them; their ids are numbers from 0. */
export async function sendTo(to: Destination, records: readonly TelemetryRecord[]): Promise<SendResult> {
  const items = records.flatMap((record, at) => to.encode(record, origin, String(at)));
  return await to.send({ items, route: items[0]?.route, signal: AbortSignal.timeout(30_000), origin });
}
