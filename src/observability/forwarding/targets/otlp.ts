/** Telemetry events to an OTLP/HTTP receiver as logs, metrics and traces, each environment a resource of its own. */
import { httpClient } from "../../../toolkit/destinations/http/http-client.ts";
import type { Destination, Origin } from "../../../toolkit/destinations/destination.ts";
import { otlpDestination } from "../../../toolkit/destinations/otlp/otlp-destination.ts";
import type { Signal } from "../../../toolkit/destinations/otlp/signals.ts";
import { isLogLine } from "../../../protocol/telemetry-event-text.ts";
import { isLogged } from "../../../telemetry/log-levels.ts";
import { RecordedEvent } from "../../../telemetry/recorded-event.ts";
import type { EnvironmentIdentity } from "../../sinks.ts";
import { otlpSettings } from "../otlp-settings.ts";
import { Gathered, type IsOurselves, type SpooledRecord, type Target } from "../target.ts";

/** A telemetry event with the environment it is of. */
interface SpooledEvent extends SpooledRecord {
  readonly origin: Origin;
  /** The log stream. */
  readonly instance: string;
}

/** Environments of which something is remembered; what was forgotten is worked out from the report. */
const mostEnvironments = 500;

export function otlpTarget(endpoint: string | undefined, isOurselves: IsOurselves): Target {
  const gathered = new Gathered();
  return {
    intervalMs: 1000,
    destination: destinationOfMany(endpoint, isOurselves),
    take: gathered.take,
    open: (identity) => {
      const origin = originOf(identity);
      return {
        accept: (record) => {
          // Lines go where CloudWatch's go; the platform's events are what metrics and spans are made of.
          if (isLogLine(record) && !isLogged(record, identity)) return;
          for (const { text } of new RecordedEvent(record, identity.logFormat).in("2025-01-29")) {
            const event = JSON.parse(text) as SpooledRecord;
            gathered.addWhole({ ...event, origin, instance: identity.logStream } as SpooledEvent);
          }
        },
      };
    },
  };
}

const originOf = (identity: EnvironmentIdentity): Origin => ({
  functionName: identity.functionName,
  functionVersion: identity.functionVersion,
  handler: "",
  accountId: identity.accountId,
  extensionName: "lambdarium",
  region: identity.region,
  memorySizeMb: identity.memorySizeMb,
  processId: identity.environmentId,
});

/** The toolkit's destination is of one environment: here each has its own, over the same connections. */
function destinationOfMany(endpoint: string | undefined, isOurselves: IsOurselves): Destination {
  const settings = otlpSettings(endpoint, process.env);
  const client = httpClient();
  const environments = new Map<string, { readonly destination: Destination; readonly origin: Origin }>();
  const environmentOf = ({ origin, instance }: SpooledEvent) => {
    const known = environments.get(origin.processId);
    if (known !== undefined) return known;
    if (environments.size >= mostEnvironments) environments.delete(environments.keys().next().value ?? "");
    const resource = { "faas.instance": instance };
    const made = { destination: otlpDestination({ ...settings, resource }, client), origin };
    environments.set(origin.processId, made);
    return made;
  };
  const { name, limits } = otlpDestination(settings, client);
  return {
    name,
    limits,
    encode: (record, _, id) => {
      if (!("origin" in record)) return [];
      const { destination, origin } = environmentOf(record as SpooledEvent);
      const items = destination.encode(record, origin, id);
      return items.map((item) => ({ ...item, route: JSON.stringify([record.origin, item.route]) }));
    },
    send: (request) => {
      const [origin, route] = JSON.parse(request.route ?? "") as [Origin, Signal];
      const url = new URL(settings.endpoints?.[route] ?? settings.endpoint ?? "");
      if (isOurselves(url.hostname, Number(url.port)))
        return Promise.resolve({ kind: "closed", reason: `${url.origin} is this service itself` });
      const { destination } = environmentOf({ origin } as SpooledEvent);
      return destination.send({ ...request, origin, route });
    },
    close: () => client.close(),
  };
}
