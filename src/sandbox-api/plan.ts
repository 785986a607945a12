/** What is to be done with a request, as far as its request line and headers tell. */
import type { Call } from "../environment/calls.ts";
import type { Refusal } from "../protocol/refusals.ts";
import type { SubscriptionApi } from "../protocol/subscription-api.ts";
import type { Answer } from "./exchange.ts";
import type { EnvironmentPort } from "./port.ts";

export type Plan =
  | { readonly plan: "answer"; readonly answer: Answer }
  | { readonly plan: "refuse"; readonly refusal: Refusal }
  /** The body, if there is one, says nothing. */
  | { readonly plan: "ask"; readonly call: Call }
  | {
      readonly plan: "response";
      readonly requestId: string;
      readonly invocationId: string | undefined;
      readonly responseMode: string | undefined;
      readonly contentType: string | undefined;
    }
  | {
      readonly plan: "error";
      readonly requestId: string;
      readonly invocationId: string | undefined;
      readonly errorType: string | undefined;
      readonly xrayCause: string | undefined;
      readonly contentType: string | undefined;
    }
  | { readonly plan: "phase error"; readonly phase: "init" | "restore"; readonly errorType: string | undefined }
  | { readonly plan: "register"; readonly name: string; readonly wantsAccountId: boolean }
  | { readonly plan: "subscribe"; readonly api: SubscriptionApi; readonly identifier: string };

/** What a plan depends on besides the request. */
export type PortFacts = Pick<
  EnvironmentPort,
  "snapStart" | "extensionsSwitchedOff" | "subscribe" | "containerCredentials" | "metadata"
>;
