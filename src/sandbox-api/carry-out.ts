/** Carries out the plan for a request: asks the environment, twice where a body may be large, and makes the answer. */
import type { Upload } from "../environment/calls.ts";
import { requestEntityTooLarge, truncatedRequest, invalidRequestFormat, type Refusal } from "../protocol/refusals.ts";
import { maxBufferedResponseBytes } from "../protocol/runtime-api.ts";
import { maxSubscriptionBytes, subscriptionTooLarge } from "../protocol/subscription-api.ts";
import { agentAnswer, jsonAnswer, refusalAnswer } from "./answers.ts";
import { collect, passOn, type BodyBudget, type Collected } from "./body.ts";
import type { Conversation } from "./conversation.ts";
import { readErrorBody } from "./error-body.ts";
import type { Answer } from "./exchange.ts";
import { extensionNameOf } from "./extension-requests.ts";
import { renderOutcome } from "./outcomes.ts";
import type { Plan } from "./plan.ts";
import type { EnvironmentPort } from "./port.ts";
import { readRegistration } from "./registration.ts";
import { readXrayCause } from "./xray-cause.ts";

/** Where a plan is carried out. */
export interface Setting {
  readonly port: EnvironmentPort;
  readonly conversation: Conversation;
  /** For bodies that are read before the environment is asked. */
  readonly budget: BodyBudget;
}

type PlanOf<Name extends Plan["plan"]> = Extract<Plan, { plan: Name }>;

export async function carryOut(plan: Plan, setting: Setting): Promise<Answer> {
  const { port, conversation } = setting;
  switch (plan.plan) {
    case "ask":
      return renderOutcome(await port.ask(plan.call, conversation), port);
    case "response":
      return receiveResponse(plan, setting);
    case "error":
      return receiveError(plan, setting);
    case "answer":
      return plan.answer;
    case "refuse":
      return refuse(plan.refusal, setting);
    case "phase error":
      return receivePhaseError(plan, setting);
    case "register":
      return register(plan, setting);
    case "subscribe":
      return subscribe(plan, setting);
    default:
      return plan satisfies never;
  }
}

async function receiveResponse(plan: PlanOf<"response">, { port, conversation }: Setting): Promise<Answer> {
  const { requestId, invocationId, responseMode, contentType } = plan;
  const begins = { call: "response begins", requestId, invocationId, responseMode, contentType } as const;
  const verdict = await port.ask(begins, conversation);
  if (verdict.kind !== "read body") return renderOutcome(verdict, port);
  const { upload, bytes } = verdict.stream
    ? await passOnResponse(plan, verdict.maxBytes, port, conversation)
    : await collectResponse(plan, verdict.maxBytes, conversation);
  const ends = { call: "response ends", requestId, upload, bytes } as const;
  return renderOutcome(await port.ask(ends, conversation), port);
}

interface Received {
  readonly upload: Upload;
  readonly bytes: number;
}

async function collectResponse(
  { contentType }: PlanOf<"response">,
  maxBytes: number,
  conversation: Conversation,
): Promise<Received> {
  const collected = await collect((take) => conversation.read(take), maxBytes);
  return { upload: uploadOf(collected, contentType, conversation), bytes: collected.bytes };
}

/** The bytes have reached the caller before the upload ends: what is left to say is how it ended. */
async function passOnResponse(
  { requestId, contentType }: PlanOf<"response">,
  maxBytes: number,
  port: EnvironmentPort,
  conversation: Conversation,
): Promise<Received> {
  port.streamBegins(requestId, contentType);
  const { end, bytes } = await passOn(
    (take) => conversation.read(take),
    maxBytes,
    (chunk) => port.streamChunk(requestId, chunk),
  );
  const upload: Upload = end === "truncated" ? { kind: "truncated" } : complete(nothing, contentType, conversation);
  return { upload, bytes };
}

async function receiveError(plan: PlanOf<"error">, { port, conversation }: Setting): Promise<Answer> {
  const { requestId, invocationId, errorType, contentType } = plan;
  const verdict = await port.ask({ call: "error begins", requestId, invocationId }, conversation);
  if (verdict.kind !== "read body") return renderOutcome(verdict, port);
  const collected = await collect((take) => conversation.read(take), verdict.maxBytes);
  const report = collected.kind === "complete" ? readErrorBody(collected.body, contentType) : undefined;
  const shown = report === undefined ? collected : { ...collected, body: report.body };
  const upload = uploadOf(shown, contentType, conversation);
  const xrayCause = readXrayCause(report?.cause ?? plan.xrayCause);
  const ends = { call: "error ends", requestId, upload, errorType, xrayCause } as const;
  return renderOutcome(await port.ask(ends, conversation), port);
}

function uploadOf(collected: Collected, contentType: string | undefined, conversation: Conversation): Upload {
  if (collected.kind !== "complete") return { kind: collected.kind };
  return complete(collected.body, contentType, conversation);
}

function complete(body: Uint8Array, contentType: string | undefined, { trailers }: Conversation): Upload {
  const upload = { kind: "complete", body, contentType } as const;
  return trailers === undefined ? upload : { ...upload, trailers };
}

const nothing = new Uint8Array(0);

async function receivePhaseError(plan: PlanOf<"phase error">, setting: Setting): Promise<Answer> {
  const { port, conversation, budget } = setting;
  const collected = await collect((take) => conversation.read(take), maxBufferedResponseBytes, budget);
  if (collected.kind === "truncated") return refuse(truncatedRequest, setting);
  if (collected.kind === "too large") return refuse(requestEntityTooLarge(maxBufferedResponseBytes), setting);
  const { body } = collected;
  const call = {
    call: plan.phase === "init" ? "init error" : "restore error",
    errorType: plan.errorType,
    body,
  } as const;
  return renderOutcome(await port.ask(call, conversation), port);
}

async function register(plan: PlanOf<"register">, setting: Setting): Promise<Answer> {
  const { port, conversation, budget } = setting;
  const collected = await collect((take) => conversation.read(take), maxRegistrationBytes, budget);
  if (collected.kind === "truncated") return refuse(truncatedRequest, setting);
  if (collected.kind === "too large") return refuse(invalidRequestFormat("The request body is too large"), setting);
  const registration = readRegistration(collected.body);
  if ("refusal" in registration) return refuse(registration.refusal, setting);
  const { events } = registration;
  const call = { call: "register", name: plan.name, events, freshIdentifier: port.newIdentifier() } as const;
  return renderOutcome(await port.ask(call, conversation), port, plan.wantsAccountId);
}

/** No limit is known; this one keeps the platform's memory bounded. */
const maxRegistrationBytes = 1_048_576;

/** The body is read first, so that nothing can happen between "the window is open" and the subscription (TEL-64). */
async function subscribe({ api, identifier }: PlanOf<"subscribe">, setting: Setting): Promise<Answer> {
  const { port, conversation, budget } = setting;
  const collected = await collect((take) => conversation.read(take), maxSubscriptionBytes, budget);
  if (collected.kind === "truncated") return refuse(truncatedRequest, setting);
  const verdict = await port.ask({ call: "subscribe", identifier, api }, conversation);
  if (verdict.kind !== "may subscribe" || port.subscribe === undefined) return renderOutcome(verdict, port);
  if (collected.kind === "too large") return agentAnswer(notice(subscriptionTooLarge[api], setting));
  const { status, body } = port.subscribe({ extensionName: verdict.extensionName, api, body: collected.body });
  return jsonAnswer(status, body);
}

const refuse = (refusal: Refusal, setting: Setting): Answer => refusalAnswer(notice(refusal, setting));

/** EXT-102: what the environment never hears of is told to the developer from here. */
function notice(refusal: Refusal, { port, conversation }: Setting): Refusal {
  const { head } = conversation;
  const extensionName = extensionNameOf(head);
  port.refusedUnasked?.({ method: head.method, target: head.target, extensionName, refusal });
  return refusal;
}
