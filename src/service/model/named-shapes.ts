/** Shapes that several operations of the model share, with the limits of functions that run on demand. */
import { integer, list, map, number, oneOf, required, structure, text, anyText, boolean, blob } from "./shape.ts";

const functionNamePattern =
  "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";

export const functionName = text({ min: 1, max: 140, pattern: functionNamePattern });
/** CreateFunction answers too long a name in other words (SVC-26). */
export const newFunctionName = text({ min: 1, pattern: functionNamePattern });
export const qualifier = text({ min: 1, max: 128, pattern: "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+" });
/** Never empty, though the model's pattern allows it: its length does not. */
export const neededQualifier = text({ min: 1, max: 128, pattern: "(|[a-zA-Z0-9$_-]+)" });
export const urlQualifier = text({ min: 1, max: 128, pattern: "((?!^\\d+$)^[0-9a-zA-Z-_]+$)" });
export const aliasName = text({ min: 1, max: 128, pattern: "(?!^[0-9]+$)([a-zA-Z0-9-_]+)" });
export const versionNumber = text({ min: 1, max: 1024, pattern: "(\\$LATEST(\\.PUBLISHED)?|[0-9]+)" });
export const description = text({ min: 0, max: 256 });
export const roleArn = text({ pattern: "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+" });
const resourceArn = text({ pattern: "(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()" });
const handler = text({ min: 0, max: 128, pattern: "[^\\s]+" });
export const architecture = oneOf("x86_64", "arm64");
export const layerName = text({
  min: 1,
  max: 140,
  pattern: "(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+",
});
export const layerVersionArn = text({
  min: 1,
  max: 140,
  pattern: "arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+",
});
export const statementId = text({ min: 1, max: 100, pattern: "([a-zA-Z0-9-_]+)" });
export const maxItems = integer(1, 10_000);
export const maxFewItems = integer(1, 50);
export const tags = map(anyText, anyText);

const packageSource = {
  ZipFile: blob,
  S3Bucket: text({ min: 3, max: 63, pattern: "[0-9A-Za-z\\.\\-_]*(?<!\\.)" }),
  S3Key: text({ min: 1, max: 1024 }),
  S3ObjectVersion: text({ min: 1, max: 1024 }),
  S3ObjectStorageMode: oneOf("COPY", "REFERENCE"),
} as const;

export const layerContent = structure(packageSource);
/** Of a function; UpdateFunctionCode has them among its own members. */
export const codeMembers = { ...packageSource, ImageUri: anyText, SourceKMSKeyArn: resourceArn } as const;

/** The two reserved names that break the pattern are refused as reserved ones (SVC-72). */
const variableName = text({ pattern: "[a-zA-Z]([a-zA-Z0-9_])+", except: ["_HANDLER", "_X_AMZN_TRACE_ID"] });

/** What CreateFunction and UpdateFunctionConfiguration have in common. */
export const configurationMembers = {
  Description: description,
  Timeout: integer(1, 900),
  MemorySize: integer(128, 10_240),
  VpcConfig: structure({
    SubnetIds: list(anyText, 0, 16),
    SecurityGroupIds: list(anyText, 0, 5),
    Ipv6AllowedForDualStack: boolean,
  }),
  Environment: structure({
    Variables: { ...map(variableName, anyText), secret: true },
  }),
  // Not the model's enum: AWS answers an unknown one in words of its own (SVC-66).
  Runtime: anyText,
  Handler: handler,
  DeadLetterConfig: structure({ TargetArn: resourceArn }),
  KMSKeyArn: resourceArn,
  TracingConfig: structure({ Mode: oneOf("Active", "PassThrough") }),
  Layers: list(layerVersionArn),
  FileSystemConfigs: list(
    structure({
      Arn: required(
        text({
          max: 256,
          pattern:
            "arn:aws[a-zA-Z-]*:elasticfilesystem:[a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\\d{1}:\\d{12}:access-point/fsap-[a-f0-9]{17}$|^arn:aws[-a-z]*:s3files:[0-9a-z-:]+:file-system/fs-[0-9a-f]{17,40}/access-point/fsap-[0-9a-f]{17,40}",
        }),
      ),
      LocalMountPath: required(text({ max: 160, pattern: "/mnt/[a-zA-Z0-9-_.]+" })),
    }),
    0,
    1,
  ),
  ImageConfig: structure({
    EntryPoint: list(anyText, 0, 1500),
    Command: list(anyText, 0, 1500),
    WorkingDirectory: text({ max: 1000 }),
  }),
  EphemeralStorage: structure({ Size: required(integer(512, 10_240)) }),
  SnapStart: structure({ ApplyOn: oneOf("PublishedVersions", "None") }),
  LoggingConfig: structure({
    LogFormat: oneOf("JSON", "Text"),
    ApplicationLogLevel: oneOf("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"),
    SystemLogLevel: oneOf("DEBUG", "INFO", "WARN"),
    LogGroup: text({ min: 1, max: 512, pattern: "[\\.\\-_/#A-Za-z0-9]+" }),
  }),
  CapacityProviderConfig: structure({}),
  DurableConfig: structure({}),
} as const;

export const routingConfig = structure({
  AdditionalVersionWeights: map(text({ min: 1, max: 1024, pattern: "[0-9]+" }), number(0, 1)),
});

const destination = structure({
  Destination: text({
    min: 0,
    max: 350,
    pattern:
      "$|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)",
  }),
});

export const eventInvokeMembers = {
  MaximumRetryAttempts: integer(0, 2),
  MaximumEventAgeInSeconds: integer(60, 21_600),
  DestinationConfig: structure({ OnSuccess: destination, OnFailure: destination }),
} as const;

const headerNames = list(text({ max: 1024, pattern: ".*" }), 0, 100);

export const cors = structure({
  AllowCredentials: boolean,
  AllowHeaders: headerNames,
  AllowMethods: list(text({ max: 6, pattern: ".*" }), 0, 6),
  AllowOrigins: list(text({ min: 1, max: 253, pattern: ".*" }), 0, 100),
  ExposeHeaders: headerNames,
  MaxAge: integer(0, 86_400),
});

export const functionUrlAuthType = oneOf("NONE", "AWS_IAM");
export const invokeMode = oneOf("BUFFERED", "RESPONSE_STREAM");

export const taggableResource = text({
  min: 1,
  max: 256,
  pattern:
    "arn:(aws[a-zA-Z-]*):lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)",
});
