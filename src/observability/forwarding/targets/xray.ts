/** Segments to X-Ray: the platform's, and what functions sent to their daemon. */
import { type Destination, type Item, textItem } from "../../../toolkit/destinations/destination.ts";
import { maxDocumentBytes } from "../../traces/segment-document.ts";
import { traceSink } from "../../traces/trace-sink.ts";
import { loadTargetClient, RegionalClients } from "../aws-clients.ts";
import { judged } from "../sdk-results.ts";
import { Gathered, type IsOurselves, type Target } from "../target.ts";

interface SpooledSegment {
  readonly region: string;
  readonly document: string;
}

export function xrayTarget(isOurselves: IsOurselves): Target {
  const gathered = new Gathered();
  const sink = traceSink({
    keep: ({ document, startedAt }, { region }) =>
      gathered.add("segment", startedAt, { region, document } satisfies SpooledSegment),
    flush: () => Promise.resolve(),
  });
  return { intervalMs: 1000, destination: xrayDestination(isOurselves), open: sink.open, take: gathered.take };
}

function xrayDestination(isOurselves: IsOurselves): Destination {
  const clients = new RegionalClients((config) => new (loadTargetClient("xray").XRayClient)(config), isOurselves);
  return {
    name: "xray",
    // As many as AWS's daemon sends at once.
    limits: { maxItems: 50, maxBytes: 50 * maxDocumentBytes, maxItemBytes: maxDocumentBytes },
    encode: ({ type, time, record }) => {
      if (type !== "segment") return [];
      const { region, document } = record as SpooledSegment;
      return [{ ...textItem(document, Date.parse(time)), route: region }];
    },
    send: ({ items, route, signal }) =>
      judged(signal, async () => {
        const sdk = loadTargetClient("xray");
        const TraceSegmentDocuments = items.map(({ body }) => String(body));
        const command = new sdk.PutTraceSegmentsCommand({ TraceSegmentDocuments });
        const answer = await clients.of(route ?? "").send(command, { abortSignal: signal });
        const failed = (answer.UnprocessedTraceSegments ?? []).map(({ Id, ErrorCode = "", Message }) => ({
          index: indexOf(items, Id),
          reason: Message ?? ErrorCode,
          retry: /Throttl|Internal|ServiceUnavailable/.test(ErrorCode),
        }));
        return failed.length === 0 ? { kind: "delivered" } : { kind: "partly", failed };
      }),
    close: clients.close,
  };
}

const indexOf = (items: readonly Item[], id: string | undefined): number =>
  items.findIndex(({ body }) => (JSON.parse(String(body)) as { readonly id?: unknown }).id === id);
