/** What the developer should know and Lambda would keep to itself: refusals, and who held a phase up (EXT-102, LIFE-33). */
import type { CallName } from "../environment/calls.ts";
import type { Effect } from "../environment/effects.ts";
import { extensionRoutes } from "../protocol/extensions-api.ts";
import { runtimeRoutes } from "../protocol/runtime-api.ts";
import { subscriptionRoutes } from "../protocol/subscription-api.ts";

export interface Notice {
  /** Milliseconds since the epoch, with fractions. */
  readonly at: number;
  readonly text: string;
}

const mostNotices = 1000;

export class Notices {
  readonly #now: () => number;
  readonly #kept: Notice[] = [];
  readonly #listeners = new Set<(notice: Notice) => void>();

  constructor(now: () => number) {
    this.#now = now;
  }

  add(text: string): void {
    const notice = { at: this.#now(), text };
    this.#kept.push(notice);
    if (this.#kept.length > mostNotices) this.#kept.shift();
    for (const listener of this.#listeners) listener(notice);
  }

  get kept(): readonly Notice[] {
    return this.#kept;
  }

  listen(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** The notice an effect deserves, if any. */
export function noticeOf(effect: Effect): string | undefined {
  if (effect.effect === "answer call" && effect.refused !== undefined && effect.outcome.kind === "refused") {
    const { who, call, state } = effect.refused;
    const { status, errorType, errorMessage } = effect.outcome.refusal;
    const whose = who === "runtime" ? "The runtime" : `The extension ${who}`;
    return `${whose} was refused ${requests[call]} in state ${state}: ${status} ${errorType}, ${errorMessage}`;
  }
  if (effect.effect === "name the missing") {
    const missing = [
      ...(effect.runtime ? ["the runtime never asked for its next invocation"] : []),
      ...effect.extensions.map((name) => `the extension ${name} never asked for its next event`),
    ];
    return `Init reached its limit: ${missing.join("; ")}.`;
  }
  return undefined;
}

/** The calls as the developer wrote them. */
const requests: Readonly<Record<CallName, string>> = {
  "runtime next": `GET ${runtimeRoutes.next}`,
  "restore next": `GET ${runtimeRoutes.restoreNext}`,
  "response begins": `POST ${runtimeRoutes.invocation}{id}/response`,
  "response ends": `POST ${runtimeRoutes.invocation}{id}/response`,
  "error begins": `POST ${runtimeRoutes.invocation}{id}/error`,
  "error ends": `POST ${runtimeRoutes.invocation}{id}/error`,
  "init error": `POST ${runtimeRoutes.initError}`,
  "restore error": `POST ${runtimeRoutes.restoreError}`,
  register: `POST ${extensionRoutes.register}`,
  "event next": `GET ${extensionRoutes.next}`,
  "extension init error": `POST ${extensionRoutes.initError}`,
  "extension exit error": `POST ${extensionRoutes.exitError}`,
  subscribe: `PUT ${subscriptionRoutes.telemetry} or ${subscriptionRoutes.logs}`,
};
