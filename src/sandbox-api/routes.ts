/** Which plan a request gets: paths and methods. */
import { extensionRoutes } from "../protocol/extensions-api.ts";
import { runtimeRoutes } from "../protocol/runtime-api.ts";
import { subscriptionRoutes } from "../protocol/subscription-api.ts";
import { answer, jsonAnswer, methodNotAllowed, notFound, pong, switchedOff } from "./answers.ts";
import { headerOf, type RequestHead } from "./exchange.ts";
import { planEventNext, planExtensionReport, planRegistration, planSubscription } from "./extension-requests.ts";
import { jsonText } from "./json.ts";
import type { Plan, PortFacts } from "./plan.ts";
import type { ContainerCredentials } from "./port.ts";
import { planPhaseError, planResult } from "./runtime-requests.ts";

/** The plan for a request. Routes are compared as texts: this is on the path of every invocation. */
export function planFor(head: RequestHead, port: PortFacts): Plan {
  const path = pathOf(head.target);
  if (path === runtimeRoutes.next) return head.method === "GET" ? askNext : wrongMethod;
  if (path.startsWith(runtimeRoutes.invocation)) {
    return planResult(head, path.slice(runtimeRoutes.invocation.length));
  }
  if (path === extensionRoutes.next) {
    return forExtensions(head, port, "GET", planEventNext);
  }
  return planForSeldom(head, port, path);
}

function planForSeldom(head: RequestHead, port: PortFacts, path: string): Plan {
  switch (path) {
    case runtimeRoutes.ping:
      return head.method === "GET" ? sayPong : wrongMethod;
    case runtimeRoutes.initError:
      return head.method === "POST" ? planPhaseError(head, "init") : wrongMethod;
    case runtimeRoutes.restoreNext:
      if (!port.snapStart) return unknownPath;
      return head.method === "GET" ? askRestoreNext : wrongMethod;
    case runtimeRoutes.restoreError:
      if (!port.snapStart) return unknownPath;
      return head.method === "POST" ? planPhaseError(head, "restore") : wrongMethod;
    case extensionRoutes.register:
      return forExtensions(head, port, "POST", planRegistration);
    case extensionRoutes.initError:
      return forExtensions(head, port, "POST", (head) => planExtensionReport(head, "extension init error"));
    case extensionRoutes.exitError:
      return forExtensions(head, port, "POST", (head) => planExtensionReport(head, "extension exit error"));
    case subscriptionRoutes.telemetry:
    // The documentation prints the slash, shipped clients omit it (TEL-02).
    case `${subscriptionRoutes.telemetry}/`:
      return forExtensions(head, port, "PUT", (head) => planSubscription(head, "telemetry", port));
    case subscriptionRoutes.logs:
      return forExtensions(head, port, "PUT", (head) => planSubscription(head, "logs", port));
    case metadataRoute:
      return port.metadata === undefined ? unknownPath : planMetadata(head, port.metadata);
    default:
      return path === port.containerCredentials?.path ? planCredentials(head, port.containerCredentials) : unknownPath;
  }
}

/** Switched-off extensions come before everything else (EXT-98, TEL-64), the method before the headers. */
function forExtensions(head: RequestHead, port: PortFacts, method: string, plan: (head: RequestHead) => Plan): Plan {
  if (port.extensionsSwitchedOff) return noExtensions;
  return head.method === method ? plan(head) : wrongMethod;
}

/** ENV-60, ENV-61 */
function planMetadata(head: RequestHead, metadata: NonNullable<PortFacts["metadata"]>): Plan {
  if (head.method !== "GET") return wrongMethod;
  if (headerOf(head, "authorization") !== `Bearer ${metadata.token}`)
    return { plan: "answer", answer: answer(401, [], "") };
  const headers = ["Content-Type", "application/json", "Cache-Control", "private, max-age=43200, immutable"];
  const body = jsonText({ AvailabilityZoneID: metadata.availabilityZoneId });
  return { plan: "answer", answer: answer(200, headers, body) };
}

/** RT-91 */
function planCredentials(head: RequestHead, credentials: ContainerCredentials): Plan {
  if (head.method !== "GET") return wrongMethod;
  if (headerOf(head, "authorization") !== credentials.token) return unknownPath;
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = credentials.body();
  const body = jsonText({ AccessKeyId, SecretAccessKey, Token, Expiration });
  return { plan: "answer", answer: jsonAnswer(200, body) };
}

/** Without query, and without scheme and authority where a client speaks as to a proxy (RFC 9112, 3.2.2). */
function pathOf(target: string): string {
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  if (!path.startsWith("http://")) return path;
  const slash = path.indexOf("/", "http://".length);
  return slash === -1 ? "/" : path.slice(slash);
}

/** ENV-60 */
const metadataRoute = "/2026-01-15/metadata/execution-environment";

const askNext: Plan = { plan: "ask", call: { call: "runtime next" } };
const askRestoreNext: Plan = { plan: "ask", call: { call: "restore next" } };
const wrongMethod: Plan = { plan: "answer", answer: methodNotAllowed };
const unknownPath: Plan = { plan: "answer", answer: notFound };
const noExtensions: Plan = { plan: "answer", answer: switchedOff };
const sayPong: Plan = { plan: "answer", answer: pong };
