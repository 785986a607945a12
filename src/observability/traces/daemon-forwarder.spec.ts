import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { environmentIdentity } from "../../host/open-sinks.ts";
import { hostedFunction } from "../../../test/fixtures/hosted-function.ts";
import { readDatagram } from "./daemon-datagram.ts";
import { daemonForwarder, parseDaemonAddress } from "./daemon-forwarder.ts";

const identity = environmentIdentity(hostedFunction(), "0".repeat(32), 0);
const document = (name: string) =>
  JSON.stringify({
    id: "53995c3f42cd8ad8",
    name,
    trace_id: "1-5759e988-bd862e3fe1be46a994272793",
    start_time: 1,
    end_time: 2,
    user: name,
  });

const segment = (text: string) => ({
  traceId: "t",
  id: "53995c3f42cd8ad8",
  from: "function" as const,
  inProgress: false,
  startedAt: 1000,
  document: text,
});

test.each([
  ["127.0.0.1:2000", { host: "127.0.0.1", port: 2000 }],
  ["tcp:127.0.0.1:2000 udp:daemon.local:3000", { host: "daemon.local", port: 3000 }],
  ["udp:127.0.0.2:3000 tcp:127.0.0.1:2000", { host: "127.0.0.2", port: 3000 }],
  ["tcp:127.0.0.1:2000", undefined],
  ["127.0.0.1", undefined],
  ["", undefined],
])("an address is read as AWS's SDKs read it: %j", (text, address) => {
  expect(parseDaemonAddress(text)).toEqual(address);
});

test("[OBS-85] what is kept is sent to the daemon in its own form", async () => {
  const daemon = createSocket("udp4").bind(0, "127.0.0.1");
  onTestFinished(() => void daemon.close());
  await once(daemon, "listening");
  const sink = daemonForwarder({ host: "127.0.0.1", port: daemon.address().port });
  const environment = sink.open(identity);
  const received = once(daemon, "message") as Promise<[Uint8Array]>;
  environment.acceptSegment?.(segment(document("orders")));
  await sink.close();
  const [bytes] = await received;
  expect(readDatagram(bytes)).toBe(document("orders"));
});

test("what is too long for a datagram is told once, and counted at the end", async () => {
  const notices: string[] = [];
  const sink = daemonForwarder({ host: "127.0.0.1", port: 9 }, (text) => notices.push(text));
  const environment = sink.open(identity);
  const long = document("x").replace('"user":"x"', `"user":"${"x".repeat(65_390)}"`);
  for (let i = 0; i < 3; i++) environment.acceptSegment?.(segment(long));
  await sink.close();
  expect(notices).toEqual([
    expect.stringContaining("EMSGSIZE"),
    expect.stringContaining("3 segments could not be sent"),
  ]);
});
