/**
 * When to send, and how long to keep the environment awake for it: decided from what happened and what time it is,
 * without a clock and without I/O.
 */
import { modeFor, type Mode, noTraffic, seeInvocation, type Strategy, type Traffic } from "./traffic.ts";

export interface PlanSettings {
  readonly strategy: Strategy;
  /** Milliseconds between two passes where not each invocation is waited for. */
  readonly intervalMs: number;
  /** How long the next event may be put off for the sake of sending, from when the function was done. */
  readonly holdMs: number;
  /** How much of the invocation's time is left to others, whatever happens. */
  readonly reserveMs: number;
  /** How long the report of the last invocation is waited for at SHUTDOWN. */
  readonly reportWaitMs: number;
  /** So many bytes are sent at once, whatever the strategy. */
  readonly flushBytes: number;
}

type Moment =
  | { readonly at: "init" }
  | {
      readonly at: "invocation";
      readonly requestId: string;
      readonly mode: Mode;
      readonly startedAt: number;
      readonly runtimeDone: boolean;
      /** The next event is put off until then at the latest; undefined when it was asked for. */
      readonly heldUntil: number | undefined;
    }
  | { readonly at: "shutdown"; readonly until: number; readonly reportUntil: number }
  | { readonly at: "end" };

export interface Plan {
  readonly settings: PlanSettings;
  readonly moment: Moment;
  readonly traffic: Traffic;
  /** Whether `platform.runtimeDone` and `platform.report` will come: a listener is bound, and they are subscribed to. */
  readonly hearsPlatform: boolean;
  readonly pending: { readonly records: number; readonly bytes: number };
  readonly sending: boolean;
  /** Passes in a row that failed. */
  readonly failures: number;
  /** An invocation was held to the end of its time for a destination that did not answer; nothing came through since. */
  readonly heldInVain: boolean;
  /** No pass before, because of a failure. */
  readonly notBefore: number;
  readonly lastPassAt: number;
  /** The last invocation whose report has not come yet. */
  readonly unreported: string | undefined;
  /** When the next event was asked for, and with it perhaps the freeze. */
  readonly askedAt: number | undefined;
}

type Pending = Plan["pending"];

export type PlanEvent =
  | { readonly event: "subscribed" }
  | { readonly event: "accepted"; readonly pending: Pending }
  | { readonly event: "invoke"; readonly requestId: string; readonly deadlineMs: number }
  | { readonly event: "runtime done"; readonly requestId: string }
  | { readonly event: "reported"; readonly requestId: string }
  | { readonly event: "pass over"; readonly outcome: PassOver; readonly pending: Pending }
  | { readonly event: "time" }
  | { readonly event: "shutdown"; readonly deadlineMs: number; readonly reason: string };

export type PassOver =
  | { readonly kind: "sent" }
  /** `chance` is a number from 0 to 1; `moved` that something was delivered before the failure. */
  | { readonly kind: "failed"; readonly afterMs?: number; readonly moved: boolean; readonly chance: number };

export type PlanEffect =
  | { readonly effect: "send" }
  | { readonly effect: "give up sending" }
  /** Whoever waits for the invocation's sending may ask for the next event. */
  | { readonly effect: "go on" }
  | { readonly effect: "end" }
  | { readonly effect: "renew connections" }
  | { readonly effect: "set timer"; readonly at: number };

export interface Step {
  readonly plan: Plan;
  readonly effects: readonly PlanEffect[];
}

export const newPlan = (settings: PlanSettings, pending: Pending): Plan => ({
  settings,
  moment: { at: "init" },
  traffic: noTraffic,
  hearsPlatform: false,
  pending,
  sending: false,
  failures: 0,
  heldInVain: false,
  notBefore: 0,
  lastPassAt: -Infinity,
  unreported: undefined,
  askedAt: undefined,
});

/** A destination that failed so often in a row is not waited for any more, only tried. */
const failuresToGiveUpWaiting = 3;
/** At SHUTDOWN, more tries than that would only make the end late; the rest is in the spool. */
const failuresToEnd = 4;
/** A pause this long may have been a freeze: what was connected may be connected no more. */
const suspiciousPauseMs = 1000;
/** What SHUTDOWN leaves for closing files and the exit. */
const exitMarginMs = 150;
/** A long invocation is not waited for to its end (strategy `end`). */
const longInvocationMs = 60_000;

export function step(plan: Plan, event: PlanEvent, now: number): Step {
  const { plan: changed, effects } = take(plan, event, now);
  const decided = decide(changed, now);
  return { plan: decided.plan, effects: [...effects, ...decided.effects] };
}

function take(plan: Plan, event: PlanEvent, now: number): Step {
  switch (event.event) {
    case "subscribed":
      return { plan: { ...plan, hearsPlatform: true }, effects: [] };
    case "accepted":
      return { plan: { ...plan, pending: event.pending }, effects: [] };
    case "invoke":
      return invoke(plan, event, now);
    case "runtime done":
      return { plan: runtimeDone(plan, event.requestId, now), effects: [] };
    case "reported":
      return { plan: plan.unreported === event.requestId ? { ...plan, unreported: undefined } : plan, effects: [] };
    case "pass over":
      return { plan: passOver(plan, event.outcome, event.pending, now), effects: [] };
    case "time":
      return { plan, effects: [] };
    case "shutdown":
      return shutdown(plan, event, now);
    default:
      return event satisfies never;
  }
}

function invoke(plan: Plan, { requestId, deadlineMs }: Extract<PlanEvent, { event: "invoke" }>, now: number): Step {
  const traffic = seeInvocation(plan.traffic, now);
  const mode = modeFor(plan.settings.strategy, traffic);
  const moment: Moment = {
    at: "invocation",
    requestId,
    mode,
    startedAt: now,
    runtimeDone: false,
    heldUntil: Math.max(now, deadlineMs - plan.settings.reserveMs),
  };
  const paused = plan.askedAt !== undefined && now - plan.askedAt >= suspiciousPauseMs;
  return {
    plan: { ...plan, traffic, moment, unreported: requestId, askedAt: undefined },
    effects: paused ? [{ effect: "renew connections" }] : [],
  };
}

function runtimeDone(plan: Plan, requestId: string, now: number): Plan {
  const { moment } = plan;
  if (moment.at !== "invocation" || moment.requestId !== requestId || moment.runtimeDone) return plan;
  const heldUntil = moment.heldUntil === undefined ? undefined : Math.min(moment.heldUntil, now + plan.settings.holdMs);
  return { ...plan, moment: { ...moment, runtimeDone: true, heldUntil } };
}

function passOver(plan: Plan, outcome: PassOver, pending: Pending, now: number): Plan {
  const over = { ...plan, sending: false, pending, lastPassAt: now };
  if (outcome.kind === "sent") return { ...over, failures: 0, heldInVain: false, notBefore: 0 };
  const failures = outcome.moved ? 1 : plan.failures + 1;
  return { ...over, failures, notBefore: now + (outcome.afterMs ?? backOffMs(failures, outcome.chance)) };
}

/** 100, 200, 400 … ms to 30 s, a fifth up or down: environments that were refused together do not come back together. */
const backOffMs = (failures: number, chance: number): number =>
  Math.min(30_000, 100 * 2 ** (failures - 1)) * (0.8 + 0.4 * chance);

function shutdown(plan: Plan, { deadlineMs, reason }: Extract<PlanEvent, { event: "shutdown" }>, now: number): Step {
  const until = Math.max(now, deadlineMs - exitMarginMs);
  // After a time-out or a failure the report is written when everything has ended, and comes to the next start (DLV-67).
  const expected = plan.hearsPlatform && plan.unreported !== undefined && reason === "spindown";
  const reportUntil = expected ? Math.min(until, now + plan.settings.reportWaitMs) : now;
  return {
    plan: { ...plan, moment: { at: "shutdown", until, reportUntil }, failures: 0, notBefore: now },
    effects: [{ effect: "renew connections" }],
  };
}

function decide(plan: Plan, now: number): Step {
  const started = wantsToSend(plan, now) ? { ...plan, sending: true } : plan;
  const effects: PlanEffect[] = started === plan ? [] : [{ effect: "send" }];
  const { moment } = started;
  if (moment.at === "invocation" && moment.heldUntil !== undefined && !isHeld(started, now)) {
    effects.push({ effect: "go on" });
    const inVain = started.heldInVain || (moment.runtimeDone && started.sending && now >= moment.heldUntil);
    const letGo = { ...moment, heldUntil: undefined };
    return withTimer({ ...started, moment: letGo, askedAt: now, heldInVain: inVain }, effects, now);
  }
  if (moment.at === "shutdown" && isOver(started, now)) {
    if (started.sending) effects.push({ effect: "give up sending" });
    effects.push({ effect: "end" });
    return { plan: { ...started, moment: { at: "end" } }, effects };
  }
  return withTimer(started, effects, now);
}

function wantsToSend(plan: Plan, now: number): boolean {
  const { moment, pending, settings } = plan;
  if (plan.sending || pending.records === 0 || now < plan.notBefore) return false;
  if (moment.at === "end") return false;
  if (moment.at === "shutdown" || pending.bytes >= settings.flushBytes || plan.failures > 0) return true;
  const due = now >= plan.lastPassAt + intervalOf(plan);
  if (moment.at === "init") return false;
  if (moment.mode !== "end") return due;
  // At INVOKE what the invocations before have left; later when the function is done.
  return moment.runtimeDone || plan.lastPassAt < moment.startedAt || due;
}

const intervalOf = ({ moment, settings }: Plan): number =>
  moment.at === "invocation" && moment.mode === "end" ? longInvocationMs : settings.intervalMs;

/** Whether the next event is put off: for what is sent, and in mode `end` for the function to be done. */
function isHeld(plan: Plan, now: number): boolean {
  const { moment } = plan;
  if (moment.at !== "invocation" || moment.heldUntil === undefined || now >= moment.heldUntil) return false;
  if (moment.mode === "continuous" || plan.failures >= failuresToGiveUpWaiting) return false;
  if (plan.heldInVain || isPutOff(plan)) return false;
  const held = plan.sending || (plan.failures > 0 && plan.pending.records > 0);
  if (moment.mode === "periodic") return held && now < moment.startedAt + plan.settings.holdMs;
  if (!plan.hearsPlatform) return held && now < moment.startedAt + plan.settings.holdMs;
  return !moment.runtimeDone || held || plan.pending.records > 0;
}

/** The next attempt comes when nobody can be held any more: a wrong key, a long `Retry-After`. */
const isPutOff = ({ moment, sending, notBefore }: Plan): boolean =>
  moment.at === "invocation" && moment.heldUntil !== undefined && !sending && notBefore >= moment.heldUntil;

function isOver({ moment, sending, pending, unreported, failures, notBefore }: Plan, now: number): boolean {
  if (moment.at !== "shutdown" || now >= moment.until) return true;
  const waitsForReport = unreported !== undefined && now < moment.reportUntil;
  if (waitsForReport || sending) return false;
  const hopeless = failures >= failuresToEnd || (failures > 0 && notBefore >= moment.until);
  return pending.records === 0 || hopeless;
}

/** One timer, for the next instant at which time alone changes a decision. */
function withTimer(plan: Plan, effects: readonly PlanEffect[], now: number): Step {
  const { moment, settings } = plan;
  const instants: number[] = [];
  if (!plan.sending && plan.pending.records > 0) instants.push(plan.notBefore, plan.lastPassAt + intervalOf(plan));
  if (moment.at === "invocation" && moment.heldUntil !== undefined)
    instants.push(moment.heldUntil, moment.startedAt + settings.holdMs);
  if (moment.at === "shutdown") instants.push(moment.until, moment.reportUntil);
  const next = Math.min(...instants.filter((at) => at > now));
  return { plan, effects: Number.isFinite(next) ? [...effects, { effect: "set timer", at: next }] : effects };
}
