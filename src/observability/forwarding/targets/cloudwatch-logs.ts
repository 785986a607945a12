/** Log events to CloudWatch Logs, each to the group and the stream it has here. */
import type { CloudWatchLogsClient, RejectedLogEventsInfo } from "@aws-sdk/client-cloudwatch-logs";
import { type Destination, type SendResult, textItem } from "../../../toolkit/destinations/destination.ts";
import { logEvents } from "../../logs/log-events.ts";
import { loadTargetClient, RegionalClients } from "../aws-clients.ts";
import { judged, type SdkError } from "../sdk-results.ts";
import { Gathered, type IsOurselves, type Target } from "../target.ts";

interface SpooledEvent {
  readonly to: Place;
  readonly message: string;
}

/** Region, log group, log stream. */
type Place = readonly [region: string, logGroup: string, logStream: string];

export function cloudWatchLogsTarget(isOurselves: IsOurselves): Target {
  const gathered = new Gathered();
  return {
    intervalMs: 1000,
    destination: cloudWatchLogsDestination(isOurselves),
    take: gathered.take,
    open: (identity) => {
      const to: Place = [identity.region, identity.logGroup, identity.logStream];
      return {
        accept: (record) => {
          for (const { timestamp, message } of logEvents(record, identity))
            gathered.add("log event", timestamp, { to, message } satisfies SpooledEvent);
        },
      };
    },
  };
}

function cloudWatchLogsDestination(isOurselves: IsOurselves): Destination {
  const clients = new RegionalClients(
    (config) => new (loadTargetClient("cloudwatch-logs").CloudWatchLogsClient)(config),
    isOurselves,
  );
  const make = async (
    client: CloudWatchLogsClient,
    [, logGroupName, logStreamName]: Place,
    abortSignal: AbortSignal,
  ) => {
    const sdk = loadTargetClient("cloudwatch-logs");
    await unlessThere(client.send(new sdk.CreateLogGroupCommand({ logGroupName }), { abortSignal }));
    await unlessThere(client.send(new sdk.CreateLogStreamCommand({ logGroupName, logStreamName }), { abortSignal }));
  };
  return {
    name: "cloudwatch-logs",
    // PutLogEvents: 1,048,576 bytes with 26 for each event, 10,000 events, 24 hours, in order of time.
    limits: { maxItems: 10_000, maxBytes: 1_048_576, itemOverheadBytes: 26, maxSpanMs: 86_400_000, sorted: true },
    encode: ({ type, time, record }) => {
      // What was dropped is told at the end; an event without a message is refused with its whole batch.
      if (type !== "log event") return [];
      const { to, message } = record as SpooledEvent;
      return message === "" ? [] : [{ ...textItem(message, Date.parse(time)), route: JSON.stringify(to) }];
    },
    send: ({ items, route, signal }) =>
      judged(signal, async () => {
        const sdk = loadTargetClient("cloudwatch-logs");
        const place = JSON.parse(route ?? "") as Place;
        const [region, logGroupName, logStreamName] = place;
        const events = items.map(({ body, timeMs }) => ({ timestamp: timeMs, message: String(body) }));
        const command = new sdk.PutLogEventsCommand({ logGroupName, logStreamName, logEvents: events });
        const client = clients.of(region);
        const put = () => client.send(command, { abortSignal: signal });
        const answer = await put().catch(async (error: SdkError) => {
          if (error.name !== "ResourceNotFoundException") throw error;
          await make(client, place, signal);
          return put();
        });
        return rejected(answer.rejectedLogEventsInfo, items.length);
      }),
    close: clients.close,
  };
}

async function unlessThere(making: Promise<unknown>): Promise<void> {
  await making.catch((error: SdkError) => {
    if (error.name !== "ResourceAlreadyExistsException") throw error;
  });
}

/** Events too old or too new are named inside a success, by where they begin (inclusive) or end (exclusive). */
function rejected(info: RejectedLogEventsInfo | undefined, items: number): SendResult {
  if (info === undefined) return { kind: "delivered" };
  const from = Math.max(info.tooOldLogEventEndIndex ?? 0, info.expiredLogEventEndIndex ?? 0);
  const until = info.tooNewLogEventStartIndex ?? items;
  const failed = Array.from({ length: items }, (_, index) => index)
    .filter((index) => index < from || index >= until)
    .map((index) => ({ index, reason: index < from ? "too old for the log group" : "too new", retry: false }));
  return { kind: "partly", failed };
}
