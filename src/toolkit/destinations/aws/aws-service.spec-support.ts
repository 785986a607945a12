/** A service of AWS as far as a destination sees it: a real server that answers what the test says. */
import { afterEach, beforeEach, vi } from "vitest";
import { origin } from "../../delivery/simulated-destination.spec-support.ts";
import type { TelemetryRecord } from "../../telemetry-records.ts";
import { type Answer, HttpSink, status } from "../../../../test/fixtures/http-sink.ts";
import type { Destination, SendResult } from "../destination.ts";

/** Whatever arrived, looked into by the tests. */
export type Json = ReturnType<typeof JSON.parse>;

export interface SimulatedService {
  sink: HttpSink;
  endpoint: string;
}

/** Opened anew for each test of the file. */
export function simulatedService(): SimulatedService {
  const service = {} as SimulatedService;
  beforeEach(async () => {
    service.sink = new HttpSink();
    service.endpoint = await service.sink.open();
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "token");
  });
  afterEach(() => {
    service.sink.close();
    vi.unstubAllEnvs();
  });
  return service;
}

export const json = (content: object, code = 200): Answer => status(code, JSON.stringify(content));
export const error = (name: string, code = 400, message = "said so"): Answer => json({ __type: name, message }, code);

/** Sends the records as one request, the first with the id `id-0`. */
export function send(to: Destination, records: readonly TelemetryRecord[]): Promise<SendResult> {
  const items = records.flatMap((record, index) => to.encode(record, origin, `id-${index}`));
  return to.send({ items, route: undefined, signal: new AbortController().signal, origin });
}
