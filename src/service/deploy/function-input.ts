/** A function of a project in the API's words: what CreateFunction takes. */
import type { Input } from "../model/operations.ts";
import type { Package, PreparedFunction } from "./prepared-function.ts";

/** A directory stays where it is and is read as it is (SVC-53); an archive is handed over. */
export const packageInput = (from: Package) =>
  from.kind === "directory"
    ? { S3Bucket: "local-dir", S3Key: from.path }
    : { ZipFile: Buffer.from(from.bytes).toString("base64") };

export type ConfigurationInput = Omit<Input<"UpdateFunctionConfiguration">, "FunctionName"> &
  Pick<Input<"CreateFunction">, "Role" | "Runtime" | "Handler">;

/** All of the configuration, so that what was taken out of the file gets its default again. */
export function configurationInput(
  prepared: PreparedFunction,
  layerArns: readonly string[],
  accountId: string,
): ConfigurationInput {
  const { project, runtime, handler, environmentVariables } = prepared;
  const { logging } = project;
  // What cannot be is refused by the API, in AWS's words.
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
    Layers: [...layerArns],
    TracingConfig: { Mode: project.tracing ?? "PassThrough" },
    SnapStart: { ApplyOn: project.snapStart === true ? "PublishedVersions" : "None" },
    LoggingConfig: defined({
      LogFormat: logging?.format ?? "Text",
      ApplicationLogLevel: logging?.applicationLevel,
      SystemLogLevel: logging?.systemLevel,
      LogGroup: logging?.group,
    }) as NonNullable<ConfigurationInput["LoggingConfig"]>,
    DeadLetterConfig: { TargetArn: project.deadLetterTargetArn ?? "" },
  };
}

export const asynchronousInput = ({ project: { asynchronous } }: PreparedFunction) =>
  asynchronous === undefined
    ? undefined
    : defined({
        Qualifier: asynchronous.alias,
        MaximumRetryAttempts: asynchronous.maximumRetryAttempts,
        MaximumEventAgeInSeconds: asynchronous.maximumEventAgeSeconds,
        DestinationConfig: {
          OnSuccess: defined({ Destination: asynchronous.onSuccess }),
          OnFailure: defined({ Destination: asynchronous.onFailure }),
        },
      });

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without the members that are not there. */
const defined = <T extends object>(members: T): Defined<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
