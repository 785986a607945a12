/** From what a user says to a function that can be run: archives unpacked, runtime and handler found. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { failure } from "../errors.ts";
import { findRuntime } from "../runtimes/find-runtime.ts";
import { inferFunction } from "../runtimes/infer-function.ts";
import { checkSettings, type FunctionSettings } from "./function-settings.ts";
import type { HostedFunction } from "./hosted-function.ts";
import { placeholderCredentials } from "./placeholder-credentials.ts";
import { buildLayer } from "../packing/built-layer.ts";
import { extensionName, isExtensionSource } from "../packing/extension-source.ts";
import { logGroupName } from "./log-stream.ts";
import { UnpackedArchives } from "./unpacked-archives.ts";

export interface PreparedFunction {
  readonly hosted: HostedFunction;
  /** What was inferred or replaced, a line each. */
  readonly notices: readonly string[];
  /** Removes what was unpacked; never rejects. */
  readonly dispose: () => Promise<void>;
}

/** @throws LambdariumError for a setting Lambda would refuse, a path that is missing, an archive that is unsafe. */
export async function prepareFunction(settings: FunctionSettings): Promise<PreparedFunction> {
  checkSettings(settings);
  const unpacked = new UnpackedArchives();
  try {
    const { hosted, notices } = await settle(settings, unpacked);
    return { hosted, notices, dispose: () => unpacked.remove() };
  } catch (error) {
    await unpacked.remove();
    throw error;
  }
}

async function settle(
  settings: FunctionSettings,
  unpacked: UnpackedArchives,
): Promise<Pick<PreparedFunction, "hosted" | "notices">> {
  const given = path.resolve(settings.function);
  const code = isArchive(given) ? await unpacked.unpack(given, "function-not-found") : given;
  const inferred = inferFunction(code, { runtime: settings.runtime, handler: settings.handler });
  const [runtime, layerDirectories, extensions] = await Promise.all([
    findRuntime(inferred.runtime),
    Promise.all((settings.layers ?? []).map((layer) => layerDirectory(path.resolve(layer), unpacked))),
    Promise.all((settings.extensions ?? []).map((file) => givenExtension(path.resolve(file), unpacked))),
  ]);
  const built = extensions.filter((one) => "directory" in one);
  const functionName = settings.functionName ?? nameOf(given);
  const hosted: HostedFunction = {
    functionName,
    functionVersion: settings.functionVersion ?? "$LATEST",
    handler: inferred.handler,
    runtime,
    codeDirectory: inferred.codeDirectory,
    layerDirectories: [...layerDirectories, ...built.map(({ directory }) => directory)],
    extensionFiles: extensions.filter((one) => "file" in one),
    memorySizeMb: settings.memorySizeMb ?? 128,
    ephemeralStorageMb: settings.ephemeralStorageMb ?? 512,
    timeoutMs: settings.timeoutMs ?? 3000,
    // A copy: they are fixed for the life of the environment (ENV-58).
    environmentVariables: { ...settings.environmentVariables },
    logFormat: settings.logFormat ?? "Text",
    applicationLogLevel: settings.applicationLogLevel ?? "INFO",
    systemLogLevel: settings.systemLogLevel ?? "INFO",
    logGroup: settings.logGroup ?? logGroupName(functionName),
    framedLog: settings.framedLog ?? true,
    region: settings.region ?? "us-east-1",
    accountId: settings.accountId ?? "123456789012",
    credentials: settings.credentials ?? placeholderCredentials,
    initializationType: settings.initializationType ?? "on-demand",
    tracingMode: settings.tracing ?? "PassThrough",
  };
  const names = runtime.language === "nodejs" ? [] : built.map(({ name }) => name);
  const notices = [inferred.reason, runtime.notice ?? "", withoutNode(names)].filter((notice) => notice !== "");
  return { hosted, notices };
}

const isArchive = (file: string): boolean => /\.(zip|jar)$/i.test(file);

/** A function may be called by 64 letters, digits, - and _; other characters of the file's name become -. */
function nameOf(file: string): string {
  const name = path.basename(file).replace(/\.(zip|jar|[cm]?js|[cm]?ts|py)$/i, "");
  return name.replaceAll(/[^\w-]/g, "-").slice(0, 64) || "function";
}

async function layerDirectory(layer: string, unpacked: UnpackedArchives): Promise<string> {
  if (isArchive(layer)) return unpacked.unpack(layer, "layer-not-found");
  const found = await stat(layer).catch(() => undefined);
  if (found === undefined) throw failure("layer-not-found", { path: layer });
  if (!found.isDirectory())
    throw failure("invalid-setting", {
      setting: "layers",
      value: layer,
      why: "a layer is a directory or a .zip archive",
    });
  return layer;
}

type GivenExtension = { readonly name: string } & ({ readonly file: string } | { readonly directory: string });

/** A source is bundled first, as for Lambda: in `/opt` there are no packages beside it. */
async function givenExtension(file: string, unpacked: UnpackedArchives): Promise<GivenExtension> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw failure("extension-not-found", { path: file });
  if (found.isDirectory())
    throw failure("invalid-setting", {
      setting: "extensions",
      value: file,
      why: "an extension is an executable file or a source; a directory with a folder extensions/ inside is a layer",
    });
  if (!(await isExtensionSource(file))) return { name: path.basename(file), file };
  const name = extensionName(file);
  return { name, directory: (await buildLayer(file, name, await unpacked.room())).directory };
}

const withoutNode = (names: readonly string[]): string =>
  names.length === 0
    ? ""
    : `The extension ${names.join(", ")} needs Node.js, which Lambda has in Node.js runtimes only: for this function pack it with --standalone.`;
