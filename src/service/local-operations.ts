/** The platform's own control interface, as far as it is about invocation: clock, environments, queue, outbox (LIFE-109, SVC-191, SVC-196, SVC-231). */
import type { AwsApi, AwsRequest, AwsResponse } from "../aws-api/exchange.ts";
import type { DeliveryRunner } from "./destinations/delivery-runner.ts";
import { outboxDocument } from "./destinations/outbox-document.ts";
import { environmentDocument, environmentDocuments } from "./environments/environment-documents.ts";
import type { EnvironmentKeeper } from "./environments/environment-keeper.ts";
import type { EventQueue } from "./events/event-queue.ts";
import { durationMs, type MovableClock } from "./movable-clock.ts";

export interface LocalParts {
  readonly clock: MovableClock;
  readonly keeper: EnvironmentKeeper;
  readonly queue: EventQueue;
  readonly deliveries: DeliveryRunner;
}

export const localInvocationApi = (parts: LocalParts): AwsApi => ({
  service: "lambdarium",
  claims: ({ path }) => /^\/_local\/(?:clock|environments|queue|outbox)(?:\/|$)/u.test(path),
  answer: async (request) => {
    const what = `${request.method} ${request.path}`;
    return localOperation(request, parts) ?? json(404, { message: `There is no ${what} in this interface.` });
  },
});

function localOperation(request: AwsRequest, parts: LocalParts): Promise<AwsResponse> | undefined {
  const { method, path } = request;
  const get = method === "GET";
  if (path === "/_local/clock" && get) return Promise.resolve(clockDocument(parts));
  if (path === "/_local/clock" && method === "POST") return moveClock(request, parts);
  if (path === "/_local/environments" && get) return Promise.resolve(environments(request, parts));
  if (path === "/_local/queue" && get) return Promise.resolve(queue(request, parts));
  if (path === "/_local/outbox" && get) return Promise.resolve(outbox(request, parts));
  const [, id, order] = /^\/_local\/environments\/(\d+)\/([\w-]+)$/u.exec(path) ?? [];
  if (id === undefined || order === undefined || method !== "POST") return undefined;
  return isOrder(order) ? carryOut(Number(id), order, parts) : undefined;
}

const clockDocument = ({ clock }: LocalParts): AwsResponse =>
  json(200, { now: new Date(clock.now()).toISOString(), movedMs: clock.movedMs });

async function moveClock(request: AwsRequest, parts: LocalParts): Promise<AwsResponse> {
  const ms = await advanceOf(request);
  if (ms === undefined)
    return json(400, {
      message:
        'The body is {"advance":"6m"}: a number of milliseconds, or one with ms, s, m, h or d, of a year at most.',
    });
  parts.clock.advance(ms);
  return clockDocument(parts);
}

async function advanceOf(request: AwsRequest): Promise<number | undefined> {
  try {
    const body = Buffer.from(await request.body(10_000)).toString("utf8");
    return durationMs((JSON.parse(body) as { advance?: unknown }).advance);
  } catch {
    return undefined;
  }
}

function environments({ query }: AwsRequest, { keeper }: LocalParts): AwsResponse {
  const name = query.get("functionName");
  const shown = environmentDocuments(keeper).filter(({ functionName }) => name === null || functionName === name);
  return json(200, { environments: shown });
}

/** SVC-196 */
function queue({ query }: AwsRequest, parts: LocalParts): AwsResponse {
  const name = query.get("functionName");
  const events = parts.queue.events().filter(({ event }) => name === null || event.target.name === name);
  const shown = events.map(({ event, running }) => ({
    requestId: event.requestId,
    functionName: event.target.name,
    ...(event.target.qualifier === undefined ? {} : { qualifier: event.target.qualifier }),
    attempts: event.attempts,
    running,
    acceptedAt: new Date(event.acceptedAt).toISOString(),
    nextDue: new Date(event.dueAt).toISOString(),
  }));
  return json(200, { events: shown });
}

/** SVC-191 */
function outbox({ query }: AwsRequest, { deliveries }: LocalParts): AwsResponse {
  const name = query.get("functionName");
  const entries = deliveries.outbox.filter(({ delivery }) => name === null || delivery.target.name === name);
  return json(200, { entries: entries.map(outboxDocument) });
}

const orders = ["spin-down", "freeze", "thaw", "reset"] as const;
type Order = (typeof orders)[number];
const isOrder = (text: string): text is Order => orders.some((order) => order === text);

/** LIFE-109: what a developer may order of an idle environment. */
async function carryOut(id: number, order: Order, { keeper }: LocalParts): Promise<AwsResponse> {
  const pooled = keeper.fleet.environments.find((environment) => environment.id === id);
  const running = keeper.running(id);
  if (pooled === undefined || running === undefined)
    return json(404, { message: `There is no environment ${id}; GET /_local/environments lists those there are.` });
  if (pooled.activity.kind !== "idle")
    return json(409, { message: `The environment ${id} is not idle: only idle environments take orders.` });
  switch (order) {
    case "spin-down":
      keeper.dispatch({ event: "spin-down wanted", environmentId: id });
      break;
    case "freeze":
      await running.freeze();
      break;
    case "thaw":
      await running.thaw();
      break;
    case "reset":
      running.reset();
      break;
    default:
      order satisfies never;
  }
  const after = keeper.fleet.environments.find((environment) => environment.id === id) ?? pooled;
  return json(200, environmentDocument(after, running));
}

const json = (status: number, value: unknown): AwsResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: `${JSON.stringify(value)}\n`,
});
