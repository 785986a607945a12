/** Stands in for the X-Ray daemon of an environment (OBS-79 to OBS-85). */
import { readDatagram } from "../observability/traces/daemon-datagram.ts";
import { daemonServer } from "../observability/traces/daemon-server.ts";
import { type KeptSegment, readSegment } from "../observability/traces/segment-document.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Clock } from "./clock.ts";
import type { HostedFunction } from "./hosted-function.ts";

/** ENV-45: the port it has on Lambda. */
const daemonPort = 2000;

interface DaemonParts {
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly accept: (segment: KeptSegment) => void;
  /** Tells the developer what the function is never told (OBS-80). */
  readonly note: (text: string) => void;
}

/**
 * Gives its `host:port`, for UDP and TCP.
 * @throws LambdariumError `sandbox-listen-failed`
 */
export function openXrayDaemon(
  { region, accountId }: HostedFunction,
  { sandbox, clock, accept, note }: DaemonParts,
): Promise<string> {
  const said = new Set<string>();
  const drop = (why: string): void => {
    if (said.size < mostReasons && said.size < said.add(why).size)
      note(`A datagram to the X-Ray daemon was dropped: ${why}.`);
  };
  return sandbox.listenDatagrams({
    port: daemonPort,
    onDatagram: (bytes) => {
      const document = readDatagram(bytes);
      if (document === undefined) return drop('it does not begin with the line {"format":"json","version":1}');
      const read = readSegment(document);
      if (read.kind === "segment") accept(read.segment);
      else drop(`its document is no segment, as X-Ray would say ${read.errorCode}`);
    },
    server: daemonServer({ region, accountId, now: clock.now, accept }),
  });
}

/** Each reason is told once. */
const mostReasons = 20;
