/** A real Loki as destination. */
import type { ChildProcess } from "node:child_process";
import { dirname, join } from "node:path";
import { loki } from "lambdarium/extension/destinations/loki";
import { afterAll, beforeAll, expect, test } from "vitest";
import { line } from "../../src/toolkit/delivery/simulated-destination.spec-support.ts";
import {
  now,
  requestId,
  sendAll,
  start,
  traceId,
} from "../../src/toolkit/destinations/vendor-requests.spec-support.ts";
import { temporaryDirectory } from "../fixtures/environments.ts";
import { built, numbered, shipping } from "../fixtures/toolkit/shipping.ts";
import { startBackEnd, stopBackEnd } from "./back-end.ts";
import { describeClient } from "./installed-client.ts";
import { freePort } from "./told.ts";

interface Found {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [string, string])[];
}

const hour = 3_600_000;

describeClient("loki", (directory) => {
  const home = join(dirname(temporaryDirectory), "loki");
  let server: ChildProcess | undefined;
  let url: string;
  beforeAll(async () => {
    const [http, grpc] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${http}`;
    const settings = { DIRECTORY: home, HTTP_PORT: String(http), GRPC_PORT: String(grpc) };
    const command = [join(directory, "loki"), "-config.file=loki.yaml", "-config.expand-env=true"] as const;
    server = await startBackEnd(command, { cwd: directory, env: { ...process.env, ...settings } }, `${url}/ready`);
  });
  afterAll(() => stopBackEnd(server));

  /** In the order of time, of all streams. */
  const found = async (query: string): Promise<readonly Found[]> => {
    const address = new URL("/loki/api/v1/query_range", url);
    const times = { start: `${Date.now() - 24 * hour}000000`, end: `${Date.now() + hour}000000` };
    address.search = new URLSearchParams({ query, limit: "1000", direction: "forward", ...times }).toString();
    const { data } = (await (await fetch(address)).json()) as { readonly data: { readonly result: readonly Found[] } };
    return data.result;
  };
  const linesOf = (results: readonly Found[]): readonly string[] =>
    results
      .flatMap(({ values }) => values)
      .sort(([one], [other]) => (BigInt(one) < BigInt(other) ? -1 : 1))
      .map(([, text]) => text);

  test("equal lines of one time are all kept, in order, and what is sent again is there once", async () => {
    const to = loki({ url, labels: { test: "once" } });
    const records = now([start, line("same"), line("same"), line("other")]);
    expect(await sendAll(to, records)).toEqual({ kind: "delivered" });
    expect(await sendAll(to, records)).toEqual({ kind: "delivered" });
    const results = await found('{test="once", record_type="function"}');
    expect(linesOf(results)).toEqual(["same", "same", "other"]);
    expect(results[0]!.stream).toMatchObject({
      service_name: "orders",
      faas_invocation_id: requestId,
      trace_id: traceId,
    });
  });

  test("a line that is too far behind its stream is counted, and those beside it are there once", async () => {
    const to = loki({ url, labels: { test: "behind" } });
    await sendAll(to, now([line("first")]));
    const late = line("late", new Date(Date.now() - 3 * hour).toISOString());
    expect(await sendAll(to, [late, ...now([line("second")])], "c")).toMatchObject({
      kind: "partly",
      failed: [{ index: 0, retry: false, reason: expect.stringContaining("too far behind") }],
    });
    expect(linesOf(await found('{test="behind"}'))).toEqual(["first", "second"]);
  });

  test("of several streams that are late, each is found out", async () => {
    const to = loki({ url, labels: { test: "several" } });
    await sendAll(to, now([start, line("first")]));
    const time = new Date(Date.now() - 3 * hour).toISOString();
    const late = [
      { ...start, time },
      { ...line("late"), time },
    ];
    const result = await sendAll(to, [...late, ...now([line("second")])], "c");
    const failed = [expect.objectContaining({ retry: true }), expect.objectContaining({ retry: false })];
    expect(result).toEqual({ kind: "partly", failed: expect.arrayContaining(failed) });
    expect(linesOf(await found('{test="several", record_type="function"}'))).toEqual(["first", "second"]);
  });

  test("a line that is older than Loki takes is counted, and those beside it are there once", async () => {
    const to = loki({ url, labels: { test: "old" } });
    const old = line("old", new Date(Date.now() - 200 * hour).toISOString());
    expect(await sendAll(to, [old, ...now([line("young")])])).toMatchObject({
      kind: "partly",
      failed: [{ index: 0, retry: false, reason: expect.stringContaining("too old") }],
    });
    expect(linesOf(await found('{test="old"}'))).toEqual(["young"]);
  });

  test("a line longer than Loki takes is there, cut", async () => {
    const to = loki({ url, labels: { test: "long" } });
    expect(await sendAll(to, now([line("x".repeat(300_000))]))).toEqual({ kind: "delivered" });
    expect(linesOf(await found('{test="long"}'))).toEqual([expect.stringMatching(/^x+…\[cut\]$/)]);
  });

  test("an extension delivers what a function writes, once and in order, with its last report", async () => {
    const to = `to: (await import(${built("destinations/loki")})).loki({ url: process.env.LOKI, labels: { test: "shipped" } })`;
    const it = await shipping(to, { environmentVariables: { LOKI: url } });
    for (let at = 0; at < 3; at += 1) await it.environment.invoke({ lines: 4 });
    await it.environment.shutdown();
    expect(linesOf(await found('{test="shipped", record_type="function"}'))).toEqual(numbered(1, 12));
    const reports = await found('{test="shipped", record_type="platform"} | json | type = "platform.report"');
    expect(linesOf(reports)).toHaveLength(3);
  });
});
