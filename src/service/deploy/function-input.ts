/** A function of a project in the API's words: what CreateFunction takes. */
import type { PreparedFunction } from "./prepared-function.ts";
import type { Package } from "./prepared-function.ts";
import type { Json } from "./control-plane.ts";

/** A directory stays where it is and is read as it is; an archive is handed over. */
export const packageInput = (from: Package): Json =>
  from.kind === "directory"
    ? { S3Bucket: "local-dir", S3Key: from.path }
    : { ZipFile: Buffer.from(from.bytes).toString("base64") };

/** All of the configuration, so that what was taken out of the file gets its default again. */
export function configurationInput(prepared: PreparedFunction, layerArns: readonly string[], accountId: string): Json {
  const { project, runtime, handler, environmentVariables } = prepared;
  const { logging, deadLetterTargetArn } = project;
  return {
    Runtime: runtime,
    Handler: handler,
    // Nobody looks at it here; the API wants one.
    Role: `arn:aws:iam::${accountId}:role/lambdarium`,
    Description: project.description ?? "",
    MemorySize: project.memorySizeMb ?? 128,
    Timeout: project.timeoutSeconds ?? 3,
    EphemeralStorage: { Size: project.ephemeralStorageMb ?? 512 },
    Environment: { Variables: environmentVariables },
    Layers: layerArns,
    TracingConfig: { Mode: project.tracing ?? "PassThrough" },
    SnapStart: { ApplyOn: project.snapStart === true ? "PublishedVersions" : "None" },
    LoggingConfig: defined({
      LogFormat: logging?.format ?? "Text",
      ApplicationLogLevel: logging?.applicationLevel,
      SystemLogLevel: logging?.systemLevel,
      LogGroup: logging?.group,
    }),
    DeadLetterConfig: { TargetArn: deadLetterTargetArn ?? "" },
  };
}

export const asynchronousInput = ({ project: { asynchronous } }: PreparedFunction): Json | undefined =>
  asynchronous === undefined
    ? undefined
    : defined({
        MaximumRetryAttempts: asynchronous.maximumRetryAttempts,
        MaximumEventAgeInSeconds: asynchronous.maximumEventAgeSeconds,
        DestinationConfig: defined({
          OnSuccess: asynchronous.onSuccess === undefined ? undefined : { Destination: asynchronous.onSuccess },
          OnFailure: asynchronous.onFailure === undefined ? undefined : { Destination: asynchronous.onFailure },
        }),
      });

/** Without the members that are not there. */
export const defined = (members: Json): Json =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
