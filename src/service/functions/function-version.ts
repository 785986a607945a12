/** One version of a function with everything that is needed to run it. */

export interface FunctionVersion {
  readonly region: string;
  /** 12 digits. */
  readonly accountId: string;
  readonly functionName: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  /** Another one whenever environments have to be replaced: by a deployment, not by tags or a reservation (SVC-205, SVC-257). */
  readonly generation: string;
  /** Runtime identifier such as `nodejs22.x`. */
  readonly runtime: string;
  readonly handler: string;
  readonly memorySizeMb: number;
  readonly ephemeralStorageMb: number;
  readonly timeoutMs: number;
  readonly environmentVariables: Readonly<Record<string, string>>;
  readonly logging: FunctionLogging;
  readonly tracingMode: "Active" | "PassThrough";
  /** True for published versions with `ApplyOn` `PublishedVersions`, never for `$LATEST` (SVC-115). */
  readonly snapStart: boolean;
  /** Directory on this machine with the unpacked code, or the directory the user works in (SVC-56). */
  readonly codeDirectory: string;
  /** Directories with unpacked layers, in configured order. */
  readonly layerDirectories: readonly string[];
  /** External extensions beside those of layers; the API cannot name any, a project file can. */
  readonly extensionFiles: readonly ExtensionFile[];
  /** Queue or topic for events whose attempts are used up (SVC-193). */
  readonly deadLetterTargetArn?: string;
}

export interface FunctionLogging {
  readonly format: "Text" | "JSON";
  /** Only with `JSON`. */
  readonly applicationLevel?: "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "FATAL";
  /** Only with `JSON`. */
  readonly systemLevel?: "DEBUG" | "INFO" | "WARN";
  readonly group: string;
}

export interface ExtensionFile {
  readonly name: string;
  readonly file: string;
}
