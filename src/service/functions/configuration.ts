/** A function's configuration: as it is created, and as an update changes it. */
import type { Input } from "../model/operations.ts";
import type { Configuration, LoggingConfiguration } from "../state/records.ts";

type Created = Input<"CreateFunction">;
type Updated = Omit<Input<"UpdateFunctionConfiguration">, "FunctionName">;

/** With Lambda's values where none are given (SVC-32). */
export function newConfiguration(name: string, given: Created & { Runtime: string; Handler: string }): Configuration {
  return {
    Runtime: given.Runtime,
    Role: given.Role,
    Handler: given.Handler,
    Description: given.Description ?? "",
    Timeout: given.Timeout ?? 3,
    MemorySize: given.MemorySize ?? 128,
    Architectures: given.Architectures ?? ["x86_64"],
    EphemeralStorage: given.EphemeralStorage ?? { Size: 512 },
    TracingConfig: { Mode: given.TracingConfig?.Mode ?? "PassThrough" },
    SnapStart: { ApplyOn: given.SnapStart?.ApplyOn ?? "None" },
    LoggingConfig: loggingOf(name, given.LoggingConfig),
    ...optional(given),
    ...(given.DeadLetterConfig?.TargetArn ? { DeadLetterConfig: given.DeadLetterConfig } : {}),
  };
}

/** Only the members given change (SVC-89). */
export function updatedConfiguration(name: string, former: Configuration, given: Updated): Configuration {
  const { DeadLetterConfig: target, ...rest } = former;
  return {
    ...rest,
    ...deadLetter(target, given.DeadLetterConfig),
    ...optional(given),
    Runtime: given.Runtime ?? former.Runtime,
    Role: given.Role ?? former.Role,
    Handler: given.Handler ?? former.Handler,
    Description: given.Description ?? former.Description,
    Timeout: given.Timeout ?? former.Timeout,
    MemorySize: given.MemorySize ?? former.MemorySize,
    EphemeralStorage: given.EphemeralStorage ?? former.EphemeralStorage,
    TracingConfig: { Mode: given.TracingConfig?.Mode ?? former.TracingConfig.Mode },
    SnapStart: { ApplyOn: given.SnapStart?.ApplyOn ?? former.SnapStart.ApplyOn },
    // SVC-90: the object as a whole, its missing members at their defaults.
    LoggingConfig: given.LoggingConfig === undefined ? former.LoggingConfig : loggingOf(name, given.LoggingConfig),
  };
}

/** SVC-90: `{}` keeps the target, an empty one removes it. */
function deadLetter(
  former: Configuration["DeadLetterConfig"],
  given: Updated["DeadLetterConfig"],
): Pick<Configuration, "DeadLetterConfig"> {
  const target = given?.TargetArn ?? former?.TargetArn;
  return target ? { DeadLetterConfig: { TargetArn: target } } : {};
}

/** Members that are absent until they are set, and then replaced as a whole. */
function optional(given: Updated): Partial<Configuration> {
  const { Environment, VpcConfig, KMSKeyArn, FileSystemConfigs } = given;
  return {
    ...(Environment === undefined ? {} : { Environment: { Variables: Environment.Variables ?? {} } }),
    ...(VpcConfig === undefined ? {} : { VpcConfig }),
    ...(KMSKeyArn === undefined ? {} : { KMSKeyArn }),
    ...(FileSystemConfigs === undefined ? {} : { FileSystemConfigs }),
  };
}

/** SVC-78 */
function loggingOf(name: string, given: Created["LoggingConfig"] = {}): LoggingConfiguration {
  const LogGroup = given.LogGroup ?? `/aws/lambda/${name}`;
  if (given.LogFormat !== "JSON") return { LogFormat: "Text", LogGroup };
  return {
    LogFormat: "JSON",
    ApplicationLogLevel: given.ApplicationLogLevel ?? "INFO",
    SystemLogLevel: given.SystemLogLevel ?? "INFO",
    LogGroup,
  };
}
