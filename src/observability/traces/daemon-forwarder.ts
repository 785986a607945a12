/** Sends segments on to a daemon of AWS's, as any program does (OBS-79, OBS-85). */
import { createSocket, type Socket } from "node:dgram";
import type { Sink } from "../sinks.ts";
import { daemonDatagram } from "./daemon-datagram.ts";
import { traceSink } from "./trace-sink.ts";

export interface DaemonAddress {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, or `tcp:host:port udp:host:port` in either order, as AWS's own SDKs read it; nothing for what is neither. */
export function parseDaemonAddress(text: string): DaemonAddress | undefined {
  const parts = text.trim().split(/\s+/);
  const udp = parts.find((part) => part.startsWith("udp:"))?.slice(4) ?? (parts.length === 1 ? parts[0] : undefined);
  const [, host, port] = /^([\w.-]+):(\d{1,5})$/.exec(udp ?? "") ?? [];
  return host === undefined || port === undefined ? undefined : { host, port: Number(port) };
}

/** Never waits; `notice` is told once what could not be sent, and at the end how much that was. */
export function daemonForwarder({ host, port }: DaemonAddress, notice: (text: string) => void = () => {}): Sink {
  let socket: Socket | undefined;
  let lost = 0;
  let underWay = 0;
  let waiting: (() => void)[] = [];
  const sent = (error: Error | null): void => {
    if (error !== null && lost++ === 0)
      notice(`X-Ray daemon ${host}:${port}: ${error.message}. Traces are kept here only.`);
    if (--underWay > 0) return;
    for (const resume of waiting) resume();
    waiting = [];
  };
  const opened = (): Socket =>
    (socket ??= createSocket("udp4")
      .unref()
      .on("error", () => undefined));
  const flush = (): Promise<void> =>
    underWay === 0 ? Promise.resolve() : new Promise((resume) => waiting.push(resume));
  const sink = traceSink({
    keep: ({ document }) => {
      underWay++;
      opened().send(daemonDatagram(document), port, host, sent);
    },
    flush,
  });
  return {
    ...sink,
    close: async () => {
      await flush();
      socket?.close();
      if (lost > 1) notice(`X-Ray daemon ${host}:${port}: ${lost} segments could not be sent.`);
    },
  };
}
