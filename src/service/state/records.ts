/** What the service keeps, as values that go into a database and come back unchanged. */
import type { Input } from "../model/operations.ts";

type Created = Input<"CreateFunction">;

export interface FunctionRecord {
  readonly region: string;
  readonly name: string;
  /** `$LATEST` as it was asked for last. */
  readonly latest: VersionRecord;
  /** What calls of `$LATEST` run: the one before while an update is in progress or failed; nothing before the first is ready. */
  readonly running?: Deployment;
  /** When the creation or the update that is in progress will be done, and what is wrong with it. */
  readonly settling?: { readonly atMs: number; readonly problem?: Problem };
  /** The last publication, to know whether another one would be the same (SVC-99). */
  readonly published?: { readonly version: string; readonly generation: string };
  /** Highest number ever used (SVC-43). */
  readonly lastVersion: number;
  /** In ascending order. */
  readonly versions: readonly VersionRecord[];
  readonly aliases: Readonly<Record<string, AliasRecord>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly reserved?: number;
  /** By version or alias. */
  readonly provisioned: Readonly<Record<string, ProvisionedRecord>>;
  /** By `$LATEST`, version or alias. */
  readonly eventInvoke: Readonly<Record<string, EventInvokeRecord>>;
  /** By `$LATEST` or alias. */
  readonly urls: Readonly<Record<string, FunctionUrlRecord>>;
  /** By `$LATEST` (the unqualified one), version or alias. */
  readonly policies: Readonly<Record<string, PolicyRecord>>;
  readonly recursiveLoop?: "Allow" | "Terminate";
  readonly runtimeUpdates: Readonly<Record<string, "Auto" | "FunctionUpdate">>;
}

export interface VersionRecord {
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly deployment: Deployment;
  readonly revisionId: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly lastModifiedMs: number;
  readonly state: "Pending" | "Active" | "Failed";
  readonly stateProblem?: Problem;
  readonly lastUpdate?: "Successful" | "InProgress" | "Failed";
  readonly updateProblem?: Problem;
}

/** Code and configuration that run together; environments of another generation are of the past. */
export interface Deployment {
  readonly generation: string;
  readonly configuration: Configuration;
  readonly code: CodeReference;
  readonly layers: readonly AttachedLayer[];
}

/** As the API has it, defaults filled in; members that were never set are absent (SVC-32). */
export interface Configuration extends Pick<
  Created,
  "Environment" | "VpcConfig" | "DeadLetterConfig" | "KMSKeyArn" | "FileSystemConfigs"
> {
  readonly Runtime: string;
  readonly Role: string;
  readonly Handler: string;
  readonly Description: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly Architectures: readonly string[];
  readonly EphemeralStorage: { readonly Size: number };
  readonly TracingConfig: { readonly Mode: "Active" | "PassThrough" };
  readonly SnapStart: { readonly ApplyOn: "PublishedVersions" | "None" };
  readonly LoggingConfig: LoggingConfiguration;
}

export interface LoggingConfiguration {
  readonly LogFormat: "JSON" | "Text";
  readonly ApplicationLogLevel?: "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";
  readonly SystemLogLevel?: "DEBUG" | "INFO" | "WARN";
  readonly LogGroup: string;
}

/** The package of a function or a layer. */
export type CodeReference = CodeMeasure &
  (
    | { readonly kind: "stored" }
    /** A directory of this machine, read as it is (SVC-56); measured when the API was called last. */
    | { readonly kind: "live"; readonly directory: string }
  );

export interface CodeMeasure {
  /** SHA-256 of the zip, in base64 as the API shows it. */
  readonly sha256: string;
  /** Of the zip. */
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
}

export interface AttachedLayer {
  /** Of the layer's version. */
  readonly arn: string;
  readonly code: CodeReference;
}

/** Why something is not ready: a sentence and AWS's code for it. */
export interface Problem {
  readonly reason: string;
  readonly code: string;
}

export interface AliasRecord {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** SVC-113: one at most. */
  readonly weight?: { readonly version: string; readonly share: number };
  readonly revisionId: string;
}

export interface ProvisionedRecord {
  readonly requested: number;
  readonly lastModifiedMs: number;
}

export interface EventInvokeRecord {
  readonly lastModifiedMs: number;
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeSeconds?: number;
  readonly onSuccess?: string;
  readonly onFailure?: string;
}

export interface FunctionUrlRecord {
  readonly id: string;
  readonly authType: "NONE" | "AWS_IAM";
  readonly invokeMode: "BUFFERED" | "RESPONSE_STREAM";
  readonly cors?: NonNullable<Input<"CreateFunctionUrlConfig">["Cors"]>;
  readonly createdMs: number;
  readonly lastModifiedMs: number;
}

export interface PolicyRecord {
  readonly revisionId: string;
  readonly statements: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: unknown;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface LayerRecord {
  readonly region: string;
  readonly name: string;
  /** Highest number ever used: a deleted one never comes again (SVC-116). */
  readonly lastVersion: number;
  /** In ascending order. */
  readonly versions: readonly LayerVersionRecord[];
}

export interface LayerVersionRecord {
  readonly version: number;
  readonly code: CodeReference;
  readonly description: string;
  readonly createdMs: number;
  readonly compatibleRuntimes?: readonly string[];
  readonly compatibleArchitectures?: readonly string[];
  readonly licenseInfo?: string;
  readonly policy?: PolicyRecord;
}
