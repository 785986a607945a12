/** Requests of extensions, judged by their headers: which call they are, or why they are refused unasked. */
import { extensionHeaders } from "../protocol/extensions-api.ts";
import {
  emptyExtensionName,
  invalidIdentifier,
  missingErrorType,
  missingIdentifier,
  type Refusal,
} from "../protocol/refusals.ts";
import { subscriptionNotSupported, type SubscriptionApi } from "../protocol/subscription-api.ts";
import { refusalAnswer } from "./answers.ts";
import { headerOf, textHeaderOf, type RequestHead } from "./exchange.ts";
import { normalizeIdentifier } from "./identifiers.ts";
import type { Plan, PortFacts } from "./plan.ts";
import { asksForAccountId } from "./registration.ts";

const name = extensionHeaders.name.toLowerCase();
const identifierHeader = extensionHeaders.identifier.toLowerCase();
const functionErrorType = extensionHeaders.functionErrorType.toLowerCase();

/** `Lambda-Extension-Name`, where there is one. */
export const extensionNameOf = (head: RequestHead): string | undefined => textHeaderOf(head, name);

/** The name is judged before the body (EXT-32). */
export function planRegistration(head: RequestHead): Plan {
  const name = extensionNameOf(head);
  if (name === undefined) return refuse(emptyExtensionName);
  return { plan: "register", name, wantsAccountId: asksForAccountId(head) };
}

export function planEventNext(head: RequestHead): Plan {
  const identifier = identifierOf(head);
  return typeof identifier === "string"
    ? { plan: "ask", call: { call: "event next", identifier } }
    : refuse(identifier);
}

/** Identifier, then error type; whether the identifier is known is for the environment to say (EXT-48). */
export function planExtensionReport(head: RequestHead, call: "extension init error" | "extension exit error"): Plan {
  const identifier = identifierOf(head);
  if (typeof identifier !== "string") return refuse(identifier);
  const errorType = textHeaderOf(head, functionErrorType);
  if (errorType === undefined) return refuse(missingErrorType);
  return { plan: "ask", call: { call, identifier, errorType } };
}

/** Without telemetry nothing is examined (TEL-06, LGS-07). */
export function planSubscription(head: RequestHead, api: SubscriptionApi, port: PortFacts): Plan {
  if (port.subscribe === undefined) return { plan: "answer", answer: refusalAnswer(subscriptionNotSupported[api]) };
  const identifier = identifierOf(head);
  return typeof identifier === "string" ? { plan: "subscribe", api, identifier } : refuse(identifier);
}

/** EXT-43 to EXT-45, TEL-41, TEL-42 */
function identifierOf(head: RequestHead): string | Refusal {
  const sent = headerOf(head, identifierHeader);
  if (sent === undefined) return missingIdentifier;
  return normalizeIdentifier(sent) ?? invalidIdentifier;
}

const refuse = (refusal: Refusal): Plan => ({ plan: "refuse", refusal });
