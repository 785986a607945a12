import { createServer, request } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { bodyOf, line } from "../delivery/simulated-destination.spec-support.ts";
import { receiver } from "./receive.ts";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function open(known: readonly string[] = []) {
  const happened: string[] = [];
  const it = receiver(
    ({ records }) => happened.push(`kept ${records.length}`),
    ({ records }) => happened.push(`worked on ${records.length}`),
    known,
  );
  const server = createServer(it.handle);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const post = async (body: Buffer | string, sequenceId?: string): Promise<number> => {
    const headers = sequenceId === undefined ? {} : { "sequence-id": sequenceId };
    const sent = request({ port, host: "127.0.0.1", method: "POST", headers, agent: false }).end(body);
    const [response] = (await once(sent, "response")) as [{ statusCode: number; resume(): void }];
    response.resume();
    return response.statusCode;
  };
  return { happened, post, counts: it.counts };
}

test("keeps a batch before it is answered, and works on it", async () => {
  const { post, happened } = await open();
  expect(await post(bodyOf([line("a"), line("b")]))).toBe(200);
  expect(happened).toEqual(["kept 2", "worked on 2"]);
});

test("[DLV-12] knows a batch that comes again by its sequence id, also from an earlier life", async () => {
  const { post, happened, counts } = await open(["from the spool"]);
  for (const id of ["one", "one", "two", "one", "from the spool"]) expect(await post(bodyOf([line(id)]), id)).toBe(200);
  expect(happened.filter((each) => each.startsWith("kept"))).toHaveLength(2);
  expect(counts).toEqual({ repeated: 3, unreadable: 0 });
});

test.each(["", "no JSON", "{}", "[1]", '[{"type":5}]'])(
  "answers 200 to a body nobody can read, %j: a refused one would come without end",
  async (body) => {
    const { post, happened, counts } = await open();
    expect(await post(body)).toBe(200);
    expect(happened).toEqual([]);
    expect(counts.unreadable).toBe(1);
  },
);
