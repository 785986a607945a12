/** How the runtime process of an environment is started: file, arguments and the language's own variables. */
import { nodeFlags } from "./node-flags.ts";
import { ownNodeClient, ownPythonClient, type FunctionFiles } from "./own-client.ts";
import { findBootstrap } from "./provided-bootstrap.ts";
import type { FoundRuntime } from "./find-runtime.ts";

/** Directories as the processes inside see them. */
interface RuntimePaths {
  readonly task: string;
  readonly opt: string;
  readonly runtime: string;
  readonly lang: string;
}

export interface RuntimeCommandRequest extends FunctionFiles {
  readonly runtime: FoundRuntime;
  readonly paths: RuntimePaths;
  readonly handler: string;
  readonly memorySizeMb: number;
  /** The customer's environment variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Of the language's interpreter, before all others. */
  readonly debugFlags?: readonly string[];
}

export type RuntimeCommand =
  | {
      readonly kind: "start";
      /** Absolute path inside the sandbox. */
      readonly file: string;
      readonly args: readonly string[];
      /** Variables of the language (ENV-49, ENV-50), those the customer has set left out (ENV-57). */
      readonly variables: Readonly<Record<string, string>>;
      /** What the user should know. */
      readonly notice: string | undefined;
    }
  /** `provided.*` without a bootstrap; the text is that of RT-106. */
  | { readonly kind: "no bootstrap"; readonly error: string };

/** Looks at the function's files on the host; starts nothing. */
export function runtimeCommand(request: RuntimeCommandRequest): RuntimeCommand {
  const { language } = request.runtime;
  switch (language) {
    case "nodejs":
      return wrapped(request, nodeCommand(request));
    case "python":
      return wrapped(request, pythonCommand(request));
    case "provided":
      return providedCommand(request);
    default:
      return language satisfies never;
  }
}

interface Start {
  readonly interpreter: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly notice?: string;
}

function nodeCommand(request: RuntimeCommandRequest): Start {
  const { runtime, paths, handler } = request;
  const interpreter = `${paths.lang}/bin/node`;
  const flags = [
    ...(request.debugFlags ?? []),
    ...nodeFlags(runtime, request.memorySizeMb, request.variables["NODE_OPTIONS"] ?? ""),
  ];
  const variables = {
    NODE_PATH: [
      `${paths.opt}/nodejs/node${runtime.version}/node_modules`,
      `${paths.opt}/nodejs/node_modules`,
      `${paths.runtime}/node_modules`,
      paths.runtime,
      paths.task,
    ].join(":"),
  };
  const own = ownNodeClient(request, runtime.version);
  if (own === undefined) return { interpreter, args: [...flags, `${paths.runtime}/bootstrap.js`], variables };
  const entry = `${paths[own.place]}/${own.path}`;
  const args = [...flags, entry, ...(own.generation === 3 ? [handler] : [])];
  return { interpreter, args, variables, notice: ownClientNotice("aws-lambda-ric", entry) };
}

function pythonCommand(request: RuntimeCommandRequest): Start {
  const { runtime, paths, handler } = request;
  const interpreter = `${paths.lang}/bin/python${runtime.version}`;
  // -B: nothing of ours or the customer's gets a __pycache__ beside it, as on AWS, where it could not be written.
  // -s: packages in the host user's home are not part of the function.
  const flags = ["-B", "-s"];
  const own = ownPythonClient(request, runtime.version);
  if (own === undefined) {
    const layers = paths.opt === "/opt" ? [] : ["-X", `lambdarium_layers=${paths.opt}`];
    const args = [...flags, ...layers, `${paths.runtime}/bootstrap.py`];
    return { interpreter, args, variables: { PYTHONPATH: paths.runtime } };
  }
  const layered = [`${paths.opt}/python/lib/python${runtime.version}/site-packages`, `${paths.opt}/python`];
  return {
    interpreter,
    args: [...flags, "-m", "awslambdaric", handler],
    variables: { PYTHONPATH: [paths.task, ...layered, paths.runtime].join(":") },
    notice: ownClientNotice("awslambdaric", [paths[own.place], own.path].filter(Boolean).join("/")),
  };
}

const ownClientNotice = (name: string, path: string): string =>
  `The function brings AWS's runtime interface client ${name} (${path}): it runs the function in place of Lambdarium's.`;

function providedCommand(request: RuntimeCommandRequest): RuntimeCommand {
  const place = findBootstrap(request);
  if (place === undefined) {
    // The names of AWS's directories, wherever they are here: callers compare this text (RT-106).
    return { kind: "no bootstrap", error: "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]" };
  }
  return { kind: "start", file: `${request.paths[place]}/bootstrap`, args: [], variables: {}, notice: undefined };
}

/** Lays the wrapper script between (ENV-71) and leaves out what the customer set. */
function wrapped({ variables: customer, paths }: RuntimeCommandRequest, start: Start): RuntimeCommand {
  const variables = Object.fromEntries(Object.entries(start.variables).filter(([name]) => !(name in customer)));
  const wrapper = customer["AWS_LAMBDA_EXEC_WRAPPER"] ?? "";
  const rest = { kind: "start", variables, notice: start.notice } as const;
  if (wrapper === "") return { ...rest, file: start.interpreter, args: start.args };
  // Through a shell as on AWS: only so a wrapper that is missing ends as exit status 127 (ENV-74), one that may not be
  // executed as 126, and one without `#!` runs as a script.
  const args = ["-c", 'exec "$0" "$@"', insideSandbox(wrapper, paths), start.interpreter, ...start.args];
  return { ...rest, file: "/bin/sh", args };
}

/** Customers write AWS's paths; where a sandbox cannot show them there, the same file lies elsewhere. */
function insideSandbox(path: string, paths: RuntimePaths): string {
  for (const [shown, real] of [
    ["/opt/", `${paths.opt}/`],
    ["/var/task/", `${paths.task}/`],
  ] as const) {
    if (path.startsWith(shown)) return real + path.slice(shown.length);
  }
  return path;
}
