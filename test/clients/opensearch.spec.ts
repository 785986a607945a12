/** A real OpenSearch as destination: what the bulk API does, no test of ours has imagined. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { openSearch } from "lambdarium/extension/destinations/opensearch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { line } from "../../src/toolkit/delivery/simulated-destination.spec-support.ts";
import {
  jsonLine,
  report,
  requestId,
  sendAll,
  start,
} from "../../src/toolkit/destinations/vendor-requests.spec-support.ts";
import { temporaryDirectory } from "../fixtures/environments.ts";
import { built, numbered, shipping } from "../fixtures/toolkit/shipping.ts";
import { startBackEnd, stopBackEnd } from "./back-end.ts";
import { describeClient } from "./installed-client.ts";
import { freePort } from "./told.ts";

interface Found {
  readonly message: string;
  readonly event: { readonly action: string; readonly original?: string };
  readonly faas: { readonly execution?: string };
}

describeClient("opensearch", (directory) => {
  const home = join(dirname(temporaryDirectory), "opensearch");
  let server: ChildProcess | undefined;
  let url: string;
  beforeAll(async () => {
    mkdirSync(home);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const java = ["java", "-Xmx256m", "-cp", "classes:lib/*", "Server", home, String(port)] as const;
    server = await startBackEnd(java, { cwd: directory }, url);
  });
  afterAll(() => stopBackEnd(server));

  const found = async (index: string): Promise<readonly Found[]> => {
    await fetch(`${url}/${index}/_refresh`, { method: "POST" });
    const answer = await fetch(`${url}/${index}/_search?size=1000`);
    const { hits } = (await answer.json()) as {
      readonly hits: { readonly hits: readonly { readonly _source: Found }[] };
    };
    return hits.hits.map(({ _source }) => _source);
  };

  test("equal lines are all kept, and what is sent again is there once", async () => {
    const to = openSearch({ url, index: "once" });
    const records = [start, line("same"), line("same"), report];
    expect(await sendAll(to, records)).toEqual({ kind: "delivered" });
    expect(await sendAll(to, records)).toEqual({ kind: "delivered" });
    const all = await found("once");
    expect(all.map(({ event }) => event.action)).toEqual(["platform.start", "function", "function", "platform.report"]);
    expect(all[1]!.faas.execution).toBe(requestId);
  });

  test("a member that is mapped otherwise is kept as text", async () => {
    const to = openSearch({ url, index: "mapped" });
    const other = { ...jsonLine, record: { level: "warn", message: "low stock", cart: { id: 7 } } };
    expect(await sendAll(to, [jsonLine, other])).toEqual({ kind: "delivered" });
    expect((await found("mapped")).map(({ event }) => event.original)).toEqual([undefined, '{"cart":{"id":7}}']);
  });

  test("what is refused alone is counted alone", async () => {
    const mappings = { dynamic: "strict", properties: { message: { type: "text" } } };
    const body = JSON.stringify({ mappings });
    await fetch(`${url}/strict`, { method: "PUT", headers: { "Content-Type": "application/json" }, body });
    const result = await sendAll(openSearch({ url, index: "strict" }), [line("x")]);
    expect(result).toMatchObject({
      kind: "partly",
      failed: [{ index: 0, retry: false, reason: expect.stringContaining("strict_dynamic_mapping_exception") }],
    });
  });

  test("an index that may not be written to keeps everything in the spool", async () => {
    await fetch(`${url}/blocked`, { method: "PUT" });
    const body = JSON.stringify({ "index.blocks.write": true });
    await fetch(`${url}/blocked/_settings`, { method: "PUT", headers: { "Content-Type": "application/json" }, body });
    expect(await sendAll(openSearch({ url, index: "blocked" }), [line("x")])).toMatchObject({
      kind: "closed",
      reason: expect.stringContaining("cluster_block_exception"),
    });
  });

  test("an extension delivers what a function writes, once, with its last report", async () => {
    const to = `to: (await import(${built("destinations/opensearch")})).openSearch({ url: process.env.SEARCH, index: "shipped" })`;
    const it = await shipping(to, { environmentVariables: { SEARCH: url } });
    for (let at = 0; at < 3; at += 1) await it.environment.invoke({ lines: 4 });
    await it.environment.shutdown();
    const all = await found("shipped");
    const lines = all.filter(({ event }) => event.action === "function").map(({ message }) => message);
    expect(lines).toEqual(numbered(1, 12));
    expect(all.filter(({ event }) => event.action === "platform.report")).toHaveLength(3);
  });
});
