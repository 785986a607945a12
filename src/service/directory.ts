/** What invocation asks of the control plane: which code a call runs, and within which limits. */
import type { FunctionVersion } from "./functions/function-version.ts";
import type { ServiceError } from "./service-error.ts";

/** A function, a version or an alias as a call names it; already parsed (SVC-23) and of this account. */
export interface FunctionTarget {
  readonly region: string;
  readonly name: string;
  /** `$LATEST`, a number or an alias; absent in an unqualified call. */
  readonly qualifier?: string;
}

export type Resolution =
  | {
      readonly kind: "found";
      readonly version: FunctionVersion;
      /** As asked: unqualified, or with the version or alias (SVC-146). */
      readonly invokedArn: string;
      readonly alias?: string;
    }
  /** Missing, `Pending`, `Failed`, without its runtime, or its snapshot is not taken yet: what the caller is answered. */
  | { readonly kind: "refused"; readonly error: ServiceError };

/** Settings of asynchronous invocation for one scope; nothing is inherited (SVC-180). */
export interface EventInvokeSettings {
  /** 0 to 2; Lambda's default 2 when absent. */
  readonly maximumRetryAttempts?: number;
  /** 60 to 21,600; Lambda's default 21,600 when absent. */
  readonly maximumEventAgeSeconds?: number;
  readonly onSuccessArn?: string;
  readonly onFailureArn?: string;
}

export interface FunctionUrl {
  /** 32 lower-case letters and digits. */
  readonly id: string;
  /** With the alias the URL belongs to as its qualifier. */
  readonly target: FunctionTarget;
  readonly authType: "NONE" | "AWS_IAM";
  readonly invokeMode: "BUFFERED" | "RESPONSE_STREAM";
  readonly cors?: FunctionUrlCors;
  /** SVC-252: a statement of the resource policy lets everybody call it. */
  readonly openToAll: boolean;
  /** SVC-253: the URL of a deleted alias answers 403. */
  readonly targetExists: boolean;
}

export interface FunctionUrlCors {
  readonly AllowCredentials?: boolean;
  readonly AllowHeaders?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowOrigins?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  /** Seconds. */
  readonly MaxAge?: number;
}

/** Environments that shall be initialized before any call (SVC-208). */
export interface ProvisionedTarget {
  readonly region: string;
  readonly name: string;
  /** The version or alias that was configured. */
  readonly qualifier: string;
  /** The version that the qualifier means now; another one once the alias was moved (SVC-215). */
  readonly version: FunctionVersion;
  readonly requested: number;
}

/** A function of which something changed that invocation may have to know; ask again for what matters. */
export interface FunctionChange {
  readonly region: string;
  readonly name: string;
}

export interface FunctionDirectory {
  /** `chance`, from 0 to below 1, decides between the versions of a weighted alias (SVC-114). */
  readonly resolve: (target: FunctionTarget, chance: number) => Resolution;
  /** What calls of that version run now; nothing once it is deleted. Environments of another generation are of the past. */
  readonly current: (region: string, name: string, version: string) => FunctionVersion | undefined;
  /** Of all versions and aliases together (SVC-202); nothing when the function draws on the unreserved pool. */
  readonly reservedConcurrency: (region: string, name: string) => number | undefined;
  /** All reservations of the region together: what is left of `accountConcurrency` is unreserved. */
  readonly totalReserved: (region: string) => number;
  /** All configurations of provisioned concurrency, everywhere. */
  readonly provisioned: () => readonly ProvisionedTarget[];
  /** Settings of exactly that scope: unqualified calls have those of `$LATEST`. */
  readonly eventInvokeSettings: (target: FunctionTarget) => EventInvokeSettings;
  readonly functionUrl: (id: string) => FunctionUrl | undefined;
  /** Published versions that are `Pending` until their snapshot initialization is done (SVC-115). */
  readonly snapshotsWanted: () => readonly FunctionVersion[];
  readonly snapshotDone: (version: FunctionVersion, outcome: SnapshotOutcome) => void;
  /** Called after each change, once it is kept; gives the way to stop listening. */
  readonly onChange: (listener: (change: FunctionChange) => void) => () => void;
}

export type SnapshotOutcome = { readonly kind: "taken" } | { readonly kind: "failed"; readonly reason: string };

/** What the control plane asks of the pools, to show it. */
export interface Pools {
  readonly provisionedStatus: (target: FunctionTarget & { readonly qualifier: string }) => ProvisionedStatus;
  /** Of code and layers that environments run, or that calls wait for. */
  readonly directoriesInUse: () => ReadonlySet<string>;
}

export interface ProvisionedStatus {
  readonly allocated: number;
  readonly available: number;
  readonly status: "IN_PROGRESS" | "READY" | "FAILED";
  /** Such as `FUNCTION_ERROR_INIT_FAILURE` (SVC-216). */
  readonly reason?: string;
}
