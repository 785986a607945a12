/** The X-Ray API over the store: what clients, consoles and daemons ask of it. */
import type { AwsApi, AwsRequest } from "../../aws-api/exchange.ts";
import type { Store } from "../store/open-store.ts";
import { daemonOperations } from "./daemon-operations.ts";
import { parseFilter } from "./filter-expression.ts";
import { segmentTexts } from "./segment-text.ts";
import { serviceGraph } from "./service-graph.ts";
import { storedSegments } from "./stored-segments.ts";
import type { SummaryQuery } from "./trace-table.ts";
import { answerXray, InvalidRequest, textsOf, type XrayInput, type XrayOperations } from "./xray-operation.ts";

export interface XrayApiOptions {
  readonly store: Store;
  readonly now: () => number;
  /** 12 digits, for ARNs. */
  readonly accountId: string;
  /** Of requests that are not signed. */
  readonly defaultRegion: string;
}

export function xrayApi(options: XrayApiOptions): AwsApi {
  const { store, now, accountId, defaultRegion } = options;
  const { keep } = storedSegments(store, now);
  const inRegion = ({ scope }: AwsRequest): string => scope?.region ?? defaultRegion;
  const reading = readingOperations(store, inRegion);
  const paths = new Set([...Object.keys(reading), ...Object.keys(daemonOperations(emptyFacts))]);
  return {
    service: "xray",
    claims: (request) => request.scope?.service === "xray" || (request.scope === undefined && paths.has(request.path)),
    answer: (request) => {
      const here = inRegion(request);
      const writing = daemonOperations({
        region: here,
        accountId,
        now,
        accept: (kept) => keep(kept, { region: here }),
      });
      return answerXray({ ...reading, ...writing }, request);
    },
  };
}

const emptyFacts = { region: "", accountId: "", now: () => 0, accept: () => {} };

function readingOperations(store: Store, inRegion: (request: AwsRequest) => string): XrayOperations {
  return {
    "/Traces": async (input, request) => {
      const ids = traceIds(input, 5);
      const found = await store.query("traces", "tracesById", { region: inRegion(request), ids });
      return {
        Traces: found.map((trace) => ({
          Id: trace.id,
          Duration: Math.round((trace.endTime - trace.startTime) * 1000) / 1000,
          LimitExceeded: false,
          Segments: segmentTexts(trace),
        })),
        UnprocessedTraceIds: [],
      };
    },
    "/TraceSummaries": async (input, request) => {
      const { from, to } = timeRange(input);
      const query: SummaryQuery = {
        region: inRegion(request),
        from,
        to,
        by: timeRangeType(input),
        skip: nextToken(input),
      };
      const filter = parseFilter(optionalText(input, "FilterExpression") ?? "");
      const { summaries, looked, next } = await store.query(
        "traces",
        "summaries",
        filter === undefined ? query : { ...query, filter },
      );
      return {
        TraceSummaries: summaries,
        ApproximateTime: to / 1000,
        TracesProcessedCount: looked,
        ...(next === undefined ? {} : { NextToken: String(next) }),
      };
    },
    "/ServiceGraph": async (input, request) => {
      if (input["GroupName"] !== undefined || input["GroupARN"] !== undefined)
        throw new InvalidRequest("Groups are not offered here: leave GroupName and GroupARN out.");
      const { from, to } = timeRange(input);
      const services = await store.query("traces", "graphOfRange", { region: inRegion(request), from, to });
      return { StartTime: from / 1000, EndTime: to / 1000, Services: services, ContainsOldGroupVersions: false };
    },
    "/TraceGraph": async (input, request) => {
      const ids = traceIds(input, 5);
      return { Services: serviceGraph(await store.query("traces", "tracesById", { region: inRegion(request), ids })) };
    },
    "/SamplingStatisticSummaries": () => ({ SamplingStatisticSummaries: [] }),
  };
}

function traceIds(input: XrayInput, most: number): readonly string[] {
  const ids = textsOf(input, "TraceIds");
  if (ids.length > most) throw new InvalidRequest(`At most ${most} trace ids can be asked for at once.`);
  const wrong = ids.find((id) => !/^1-[0-9a-f]{8}-[0-9a-f]{24}$/i.test(id));
  if (wrong !== undefined) throw new InvalidRequest(`"${wrong}" is not a trace id.`);
  return ids;
}

function timeRange(input: XrayInput): { readonly from: number; readonly to: number } {
  const [from, to] = [timeOf(input, "StartTime"), timeOf(input, "EndTime")];
  if (from > to) throw new InvalidRequest("StartTime is after EndTime.");
  return { from, to };
}

function timeOf(input: XrayInput, name: string): number {
  const value = input[name];
  const seconds = typeof value === "string" ? Date.parse(value) / 1000 : Number(value ?? Number.NaN);
  if (Number.isNaN(seconds)) throw new InvalidRequest(`${name} is required, and is a time in seconds since the epoch.`);
  return seconds * 1000;
}

function timeRangeType(input: XrayInput): SummaryQuery["by"] {
  const type = optionalText(input, "TimeRangeType") ?? "TraceId";
  if (type === "TraceId" || type === "Event" || type === "Service") return type;
  throw new InvalidRequest("TimeRangeType is TraceId, Event or Service.");
}

function nextToken(input: XrayInput): number {
  const token = optionalText(input, "NextToken") ?? "0";
  if (!/^\d{1,15}$/.test(token)) throw new InvalidRequest("NextToken is none that was given here.");
  return Number(token);
}

function optionalText(input: XrayInput, name: string): string | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw new InvalidRequest(`${name} is a string.`);
}
