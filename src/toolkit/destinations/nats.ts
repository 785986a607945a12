/** Records as messages of a JetStream stream: `import … from "lambdarium/extension/destinations/nats"`. */
import type { TelemetryRecord } from "../telemetry-records.ts";
import { type Destination, type Item, type Origin, timeOf } from "./destination.ts";
import { type Link, type NatsConnectionSettings, natsLink } from "./nats/link.ts";
import { misconfigured } from "./misconfigured.ts";
import { type Fate, fateOfAnswer, fateOfFailure, resultOf } from "./nats/fates.ts";

export type { NatsConnectionSettings } from "./nats/link.ts";

export interface NatsSettings extends NatsConnectionSettings {
  /** Where each record is published; a stream must take it. */
  readonly subject: string | undefined | ((record: TelemetryRecord, origin: Origin) => string);
  /** The stream that must take it: where another one does, nothing is stored. Default whichever does. */
  readonly stream?: string;
  /** What a message says; default the record as JSON. */
  readonly message?: (record: TelemetryRecord, origin: Origin) => string;
  /** Added to `Nats-Msg-Id`; default the function's name and version. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One message; its id makes a stream leave out what it has already. */
interface Message extends Item {
  readonly subject: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** `NATS/1.0`, the line ends and the empty line around headers, by the protocol. */
const headerFrameBytes = 12;
const headerLineBytes = 4;

/** What servers take where they are not told otherwise; the one that is connected to says its own. */
const usualPayloadBytes = 1_048_576;

/**
 * Publishes each record as a message and waits for JetStream's acknowledgement of each. A message that was stored and
 * whose acknowledgement was lost is sent again with the same id, and the stream leaves it out, as long as its `duplicate_window` is.
 */
export function nats(settings: NatsSettings): Destination {
  const { subject, servers } = settings;
  const named = [servers ?? []].flat().filter((server) => server.trim() !== "");
  if (named.length === 0) return misconfigured("nats", "no server: set servers");
  // Who asks may be written into an address.
  const name = `nats ${named.map((server) => server.replace(/^(\w+:\/\/)?.*@/, "$1")).join(",")}`;
  if (!subject) return misconfigured(name, "no subject: set subject");
  const link: Link = natsLink(settings);
  return {
    name,
    get limits() {
      const maxItemBytes = link.maxPayloadBytes ?? usualPayloadBytes;
      return { maxItems: 1000, maxBytes: Math.max(4_194_304, maxItemBytes), maxItemBytes };
    },
    encode: (record, origin, id) => [messageOf({ ...settings, subject }, record, origin, id)],
    async send({ items, signal }) {
      const opened = await link.open(signal);
      if (opened.kind !== "open") return opened;
      const most = opened.maxPayloadBytes;
      const fates = (items as readonly Message[]).map(async ({ subject, body, bytes, headers }): Promise<Fate> => {
        if (bytes > most) return { fate: "refused", reason: `${bytes} bytes, of at most ${most}` };
        try {
          return fateOfAnswer(await opened.ask(subject, body, headers));
        } catch (error) {
          return fateOfFailure(error, subject);
        }
      });
      return await link.unlessAborted(Promise.all(fates).then(resultOf), signal);
    },
    thawed: () => link.renew(),
    close: () => link.close(),
  };
}

type WithSubject = NatsSettings & { readonly subject: NonNullable<NatsSettings["subject"]> };

function messageOf(settings: WithSubject, record: TelemetryRecord, origin: Origin, id: string): Message {
  const { functionName, functionVersion } = origin;
  const more = settings.headers ?? { "Function-Name": functionName, "Function-Version": functionVersion };
  const expected = settings.stream === undefined ? [] : [["Nats-Expected-Stream", settings.stream] as const];
  const headers = [["Nats-Msg-Id", id] as const, ...expected, ...Object.entries(more)];
  const headerBytes = headers.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value) + headerLineBytes,
    headerFrameBytes,
  );
  const body = settings.message?.(record, origin) ?? JSON.stringify(record);
  const subject = typeof settings.subject === "string" ? settings.subject : settings.subject(record, origin);
  return { body, bytes: Buffer.byteLength(body) + headerBytes, timeMs: timeOf(record), subject, headers };
}
