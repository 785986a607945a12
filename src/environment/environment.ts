/** One execution environment: a union by phase, each variant holding exactly what is true then. */
import type { ShutdownReason } from "../protocol/extensions-api.ts";
import type { InitPhase } from "../protocol/telemetry-records.ts";
import type { EnvironmentConfiguration } from "./configuration.ts";
import type { Fatal, Invocation, ReportDraft } from "./invocation.ts";
import type { Generation } from "./participants.ts";

/** What outlives every phase. */
export interface Always {
  readonly configuration: EnvironmentConfiguration;
  readonly generation: Generation;
  /** Invocation ids of attempts that timed out, newest last, for RT-40. */
  readonly timedOut: readonly string[];
  /** For the first report after it (EVT-59, EVT-63). */
  readonly unreported: Unreported;
  /** Asked for while something else had to be finished first (LIFE-78). */
  readonly shutdownWanted: ShutdownWanted | undefined;
}

export interface ShutdownWanted {
  readonly reason: ShutdownReason;
  /** A running invocation is not waited for (LIFE-80). */
  readonly interrupt: boolean;
  /** Nor do the processes get time to end by themselves (LIFE-80, second signal). */
  readonly skipBudgets: boolean;
}

export interface Unreported {
  readonly initDurationMs?: number;
  readonly restore?: { readonly durationMs: number; readonly billedMs: number };
}

/** No process was started yet. */
export interface Created extends Always {
  readonly phase: "created";
}

/** Init, or a repeated one inside an invocation. */
export interface Initializing extends Always {
  readonly phase: "initializing";
  readonly attempt: InitPhase;
  readonly startedAt: number;
  /** Names still to be launched, in order; `undefined` until they are known. */
  readonly toLaunch: readonly string[] | undefined;
  readonly runtimeLaunched: boolean;
  readonly invocation?: Invocation;
}

/** Idle, and frozen unless that is switched off. */
export interface Ready extends Always {
  readonly phase: "ready";
  readonly frozen: boolean;
  /** A developer's thaw is under way (LIFE-109). */
  readonly thawing?: boolean;
  /** A process ended meanwhile: the next invocation fails with it (LIFE-63). */
  readonly fatal?: Fatal | undefined;
}

/** Between the order to thaw and its being carried out (LIFE-81, LIFE-100). */
export interface Thawing extends Always {
  readonly phase: "thawing";
  readonly next:
    | { readonly to: "invoke"; readonly invocation: Invocation }
    | { readonly to: "restore"; readonly invocation: Invocation }
    | { readonly to: "shutdown"; readonly reason: ShutdownReason }
    | { readonly to: "reset" };
  readonly fatal?: Fatal | undefined;
}

export interface Invoking extends Always {
  readonly phase: "invoking";
  readonly invocation: Invocation;
  /** Start of `Duration`: release, or the start of a repeated Init (LIFE-43). */
  readonly startedAt: number;
  readonly releasedAt: number;
  readonly deadlineMs: number;
  /** The caller has its answer. */
  readonly answered: boolean;
  /** A response is being streamed to the caller (RT-63). */
  readonly streamingBegan: boolean;
  readonly response?: ResponseTimes;
  /** The runtime reported an error of the handler; with its cause for X-Ray, where that was valid (OBS-76). */
  readonly handlerError?: { readonly cause?: string };
  /** When the runtime asked for its next event after answering. */
  readonly runtimeDoneAt?: number;
  /** A broken response that does not end the phase by itself (RT-48, RT-49). */
  readonly fatal?: Fatal | undefined;
}

interface ResponseTimes {
  readonly firstByteAt: number;
  readonly endAt?: number;
  readonly bytes: number;
  /** False for `/error` and for a response that was refused (EVT-54). */
  readonly delivered: boolean;
}

/** Initialized with type `snap-start`, frozen where the snapshot would be taken (RT-84, RT-86). */
export interface Snapshotted extends Always {
  readonly phase: "snapshotted";
  readonly frozen: boolean;
  readonly fatal?: Fatal | undefined;
}

export interface Restoring extends Always {
  readonly phase: "restoring";
  readonly startedAt: number;
  readonly invocation: Invocation;
}

/** A reset or a shutdown: the processes end in the order of LIFE-86 to LIFE-90. */
export interface Ending extends Always {
  readonly phase: "ending";
  readonly reason: ShutdownReason;
  readonly startedAt: number;
  readonly stage: "runtime" | "flush" | "extensions" | "sweep";
  /** What the extensions are told (LIFE-84). */
  readonly deadlineMs: number;
  readonly afterwards:
    | { readonly to: "empty" }
    /** The second attempt of LIFE-22. */
    | { readonly to: "initialize again"; readonly invocation: Invocation }
    | { readonly to: "gone" };
  /** Written when the processes are gone (LIFE-50). */
  readonly report?: ReportDraft;
}

/** After a reset: no process, `/tmp` kept; the next invocation initializes again (LIFE-73). */
export interface Empty extends Always {
  readonly phase: "empty";
}

export interface Gone extends Always {
  readonly phase: "gone";
}

export type Environment =
  | Created
  | Initializing
  | Ready
  | Thawing
  | Invoking
  | Snapshotted
  | Restoring
  | Ending
  | Empty
  | Gone;

export type Phase = Environment["phase"];
