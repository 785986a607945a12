/** Stands in for the X-Ray daemon of an environment (OBS-79 to OBS-85). */
import { readDatagram } from "../observability/traces/daemon-datagram.ts";
import { daemonServer } from "../observability/traces/daemon-server.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Clock } from "./clock.ts";
import type { HostedFunction } from "./hosted-function.ts";

/** ENV-45: the port it has on Lambda. */
const daemonPort = 2000;

/**
 * Gives its `host:port`, for UDP and TCP.
 * @throws LambdariumError `sandbox-listen-failed`
 */
export function openXrayDaemon(
  sandbox: Sandbox,
  { region, accountId }: HostedFunction,
  { now }: Clock,
  acceptSegment: (document: string) => void,
): Promise<string> {
  return sandbox.listenDatagrams({
    port: daemonPort,
    onDatagram: (bytes) => {
      const document = readDatagram(bytes);
      if (document !== undefined) acceptSegment(document);
    },
    server: daemonServer({ region, accountId, now, accept: ({ document }) => acceptSegment(document) }),
  });
}
