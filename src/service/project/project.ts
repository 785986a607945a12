/** A project: the functions that are worked on, whatever kind of file names them. */
import type { ServiceSettings } from "../settings.ts";

export interface Project {
  /** Absolute path of the file they were read from. */
  readonly file: string;
  /** What the developer has chosen: `file`, or the template that it was built from. */
  readonly chosen: string;
  readonly functions: readonly ProjectFunction[];
  /** What is in the file and has no effect here, or cannot be known here: each said once, with its line. */
  readonly findings: readonly Finding[];
  /** Files besides `file` that were read, absolute. */
  readonly alsoRead: readonly string[];
  /** Where logs, metrics and traces go too. */
  readonly forward?: readonly string[];
  /** What the service starts with where nothing else is said. */
  readonly settings?: ProjectSettings;
}

export type ProjectSettings = Partial<Omit<ServiceSettings, "dataDir" | "forward">>;

/** Where something is in a file, counted from 1. */
export interface Place {
  /** Absolute path, when it is not the project's own file. */
  readonly file?: string;
  readonly line: number;
  readonly column: number;
}

export interface Finding {
  readonly place: Place;
  readonly what: string;
}

/** Members that are absent have Lambda's defaults. */
export interface ProjectFunction {
  readonly name: string;
  readonly place: Place;
  readonly code: CodeSource;
  /** Inferred from the code when absent. */
  readonly runtime?: string;
  readonly handler?: string;
  readonly description?: string;
  readonly memorySizeMb?: number;
  readonly timeoutSeconds?: number;
  readonly ephemeralStorageMb?: number;
  readonly architecture?: string;
  readonly environmentVariables: Readonly<Record<string, string>>;
  /** Absolute paths of files with `NAME=VALUE` lines; later ones win, `environmentVariables` before all. */
  readonly environmentFiles: readonly string[];
  readonly layers: readonly LayerSource[];
  readonly extensions: readonly ExtensionSource[];
  readonly logging?: LoggingChoice;
  readonly tracing?: "Active" | "PassThrough";
  readonly snapStart?: boolean;
  readonly deadLetterTargetArn?: string;
  readonly reservedConcurrency?: number;
  readonly asynchronous?: AsynchronousChoice;
  readonly url?: UrlChoice;
  readonly aliases: readonly AliasChoice[];
  readonly tags: Readonly<Record<string, string>>;
}

/** A directory, an archive or a source file on this machine, or source code that is in the file itself. */
export type CodeSource =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "inline"; readonly text: string };

export type LayerSource =
  | { readonly kind: "path"; readonly name: string; readonly path: string }
  | { readonly kind: "arn"; readonly arn: string };

/** An executable file that is an external extension of the name, or a directory or archive that is a layer with some. */
export interface ExtensionSource {
  readonly name: string;
  readonly path: string;
}

interface LoggingChoice {
  readonly format?: string;
  readonly applicationLevel?: string;
  readonly systemLevel?: string;
  readonly group?: string;
}

export interface AsynchronousChoice {
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeSeconds?: number;
  /** ARNs. */
  readonly onSuccess?: string;
  readonly onFailure?: string;
  /** The alias they are for; they hold for no other qualifier. `$LATEST` when absent. */
  readonly alias?: string;
}

export interface UrlChoice {
  readonly authType: string;
  readonly invokeMode?: string;
  /** Members as the API has them: `AllowOrigins` and its sisters. */
  readonly cors?: unknown;
  /** The alias it is for; the function's own address when absent. */
  readonly alias?: string;
}

/** Always of a version that is published when the project is deployed. */
export interface AliasChoice {
  readonly name: string;
  readonly provisionedConcurrency?: number;
}
