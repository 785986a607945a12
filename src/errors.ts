/**
 * Every error of ours, in one catalogue: a stable code, what happened, what to do about it, and who can mend it.
 * What AWS answers to a caller or to a runtime is not an error of ours: that is data in `protocol/`.
 */

/** Who can mend it: whoever called us, whoever owns the machine, or the authors of Lambdarium. */
export type MendedBy = "user" | "machine" | "lambdarium";

interface Entry<Facts> {
  readonly mendedBy: MendedBy;
  readonly message: (facts: Facts) => string;
  readonly hint: (facts: Facts) => string;
}

const entry = <Facts>(
  mendedBy: MendedBy,
  message: (facts: Facts) => string,
  hint: (facts: Facts) => string,
): Entry<Facts> => ({ mendedBy, message, hint });

const catalogue = {
  "function-not-found": entry<{ path: string }>(
    "user",
    ({ path }) => `There is no function at ${path}.`,
    () => "Give a directory, a .zip archive or a single source file that exists.",
  ),
  "function-not-recognised": entry<{ path: string; why: string }>(
    "user",
    ({ path, why }) => `Nothing at ${path} looks like a function: ${why}.`,
    () =>
      "Name the runtime and the handler, or put the handler where AWS's own examples have it: `handler` in index.mjs or index.js, `lambda_handler` in lambda_function.py, or an executable `bootstrap`.",
  ),
  "function-ambiguous": entry<{ path: string; choices: readonly string[] }>(
    "user",
    ({ path, choices }) => `More than one function could be meant at ${path}: ${choices.join(", ")}.`,
    () => "Name the runtime and the handler.",
  ),
  "runtime-unknown": entry<{ identifier: string; known: readonly string[] }>(
    "user",
    ({ identifier }) => `There is no runtime ${JSON.stringify(identifier)}.`,
    ({ known }) => `Use one of ${known.join(", ")}.`,
  ),
  "interpreter-missing": entry<{ identifier: string; what: string; how: string }>(
    "machine",
    ({ identifier, what }) => `The runtime ${identifier} needs ${what}, and none was found on this machine.`,
    ({ how }) => how,
  ),
  "extension-not-found": entry<{ path: string }>(
    "user",
    ({ path }) => `There is no extension at ${path}.`,
    () => "Give an executable file that exists; a layer with a folder extensions/ inside is given as a layer.",
  ),
  "extension-not-bundled": entry<{ path: string; problems: string }>(
    "user",
    ({ path, problems }) => `The extension ${path} cannot be bundled.\n${problems}`,
    () => "Mend what is named; packages that it imports must be installed beside it.",
  ),
  "node-program-unusable": entry<{ file: string; architecture: string; why: string }>(
    "user",
    ({ file, architecture, why }) => `${file} cannot be the Node.js of a layer for ${architecture}: ${why}.`,
    ({ architecture }) =>
      `Give one with --node FILE: bin/node of node-${process.version}-linux-${architecture === "arm64" ? "arm64" : "x64"}.tar.xz of https://nodejs.org/dist.`,
  ),
  "layer-refused": entry<{ problems: string }>(
    "user",
    ({ problems }) => `The layer was not packed, since it would fail on Lambda.\n${problems}`,
    () => 'Each has its remedy beside it; docs/extensions.md, "What is checked", has them all.',
  ),
  "file-in-the-way": entry<{ path: string }>(
    "user",
    ({ path }) => `${path} is there already.`,
    () => "Nothing was written: choose another name or directory, or remove it.",
  ),
  "invalid-setting": entry<{ setting: string; value: unknown; why: string; isOurs?: true }>(
    "user",
    ({ setting, value, why }) => `${setting} cannot be ${JSON.stringify(value)}: ${why}.`,
    ({ isOurs }) =>
      isOurs === true
        ? "Nothing was started; docs/configuration.md has all settings."
        : "Lambda would refuse it too, so nothing was started.",
  ),
  "option-invalid": entry<{ option: string; value: string; why: string }>(
    "user",
    ({ option, value, why }) => `${option} cannot be ${JSON.stringify(value)}: ${why}.`,
    () => "The command's `--help` shows what can be given.",
  ),
  "input-unreadable": entry<{ option: string; path: string; why: string }>(
    "user",
    ({ option, path, why }) => `The file ${path} of ${option} cannot be read: ${why}.`,
    () => "Give a file that exists and that you may read.",
  ),
  "output-unwritable": entry<{ what: string; why: string }>(
    "user",
    ({ what, why }) => `${what} cannot be written: ${why}.`,
    () => "Give a file in a directory that exists and that you may write to, on a disk with space left.",
  ),
  "event-too-large": entry<{ bytes: number }>(
    "user",
    ({ bytes }) => `${bytes} byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes).`,
    () => "Lambda takes events of 6 MB at most: put what is large into a file and name it in the event.",
  ),
  "service-exception": entry<{ exception: string; message: string }>(
    "user",
    ({ exception, message }) => `${exception}: ${message.replace(/\.$/, "")}.`,
    () => "The invocation has no result: this is the error the Invoke API answers with.",
  ),
  "environment-gone": entry<{ why: string }>(
    "user",
    ({ why }) => `The execution environment takes no more invocations: ${why}.`,
    () => "Create a new environment.",
  ),
  "layer-not-found": entry<{ path: string }>(
    "user",
    ({ path }) => `There is no layer directory at ${path}.`,
    () => "Give a directory, or a .zip archive, that exists and can be read.",
  ),
  "archive-unreadable": entry<{ path: string; why: string }>(
    "user",
    ({ path, why }) => `The archive ${path} cannot be unpacked: ${why}.`,
    () => "Make the archive again; `unzip -t` says whether it is whole.",
  ),
  "archive-unsafe": entry<{ path: string; entry: string; why: string }>(
    "user",
    ({ path, entry, why }) => `The archive ${path} is refused because of its entry "${entry}": ${why}.`,
    () => "Make the archive again without that entry, from inside the directory whose content it shall hold.",
  ),
  "archive-too-large": entry<{ path: string; limit: string }>(
    "user",
    ({ path, limit }) => `The archive ${path} holds more than ${limit}.`,
    () => "Lambda allows 262,144,000 bytes for code and layers unpacked together: leave out what is not needed.",
  ),
  "disk-full": entry<{ path: string }>(
    "machine",
    ({ path }) => `There is no space left on the disk for ${path}.`,
    () => "Free some space, or set TMPDIR to a directory on a larger disk.",
  ),
  "sandbox-directory-failed": entry<{ path: string; why: string }>(
    "machine",
    ({ path, why }) => `The directories of the execution environment could not be made in ${path}: ${why}.`,
    () => "Check that the directory exists and can be written, or set TMPDIR to another one.",
  ),
  "sandbox-listen-failed": entry<{ address: string; why: string }>(
    "machine",
    ({ address, why }) => `No port on ${address} could be opened for the execution environment: ${why}.`,
    () => "Check that the loopback interface is up, and that the limit of open files (`ulimit -n`) is not used up.",
  ),
  "sandbox-driver-unavailable": entry<{ driver: string; why: string }>(
    "user",
    ({ driver, why }) => `The sandbox driver "${driver}" cannot be used: ${why}.`,
    () => 'Choose the driver "process"; `lambdarium doctor` says what this machine offers.',
  ),
  "sandbox-not-strict": entry<{ line: string; features: string }>(
    "machine",
    ({ line, features }) => `Not everything would be as strict as on Lambda. ${line} ${features}.`,
    () => "Leave strict mode off to run all the same; `lambdarium doctor` shows what each sandbox driver lacks here.",
  ),
  "network-unavailable": entry<{ why: string }>(
    "machine",
    ({ why }) => `There is no way to the internet: ${why}.`,
    () => 'Install the package passt, or choose the network "none".',
  ),
  "port-taken": entry<{ port: number }>(
    "user",
    ({ port }) => `Port ${port} is taken by another program.`,
    () => "End that program, or choose another port with --port; 0 takes any that is free.",
  ),
  "listen-failed": entry<{ port: number; why: string }>(
    "machine",
    ({ port, why }) => `Port ${port} could not be opened: ${why}.`,
    () =>
      "Choose a port from 1024 to 65535 with --port, and check that the limit of open files (`ulimit -n`) is not used up.",
  ),
  "project-not-found": entry<{ path: string; why: string }>(
    "user",
    ({ path, why }) => `There is no project at ${path}: ${why}.`,
    () =>
      "Give a directory with a lambdarium.json, a template.yaml of SAM or CloudFormation, a cdk.out, or one function; or start with --no-project and create functions by the API.",
  ),
  "project-invalid": entry<{ file: string; problems: string }>(
    "user",
    ({ problems }) => `The project file cannot be used.\n${problems}`,
    () =>
      "docs/configuration.md lists all members; an editor that knows the schema lambdarium/schema.json completes them.",
  ),
  "deployment-refused": entry<{ functionName: string; place: string; message: string }>(
    "user",
    ({ functionName, place, message }) => `${place}: ${functionName} was refused: ${message.replace(/\.$/, "")}.`,
    () => "Lambda would refuse it in these words too.",
  ),
  "command-not-started": entry<{ command: string; why: string }>(
    "user",
    ({ command, why }) => `The command ${command} could not be started: ${why}.`,
    () => "Give a program that exists behind `--`, with its arguments: `lambdarium exec -- npm test`.",
  ),
  "data-directory-failed": entry<{ path: string; why: string }>(
    "user",
    ({ path, why }) => `The data directory ${path} cannot be used: ${why}.`,
    () => "Choose another directory, end the program that uses it, or remove it to begin anew.",
  ),
  "store-unusable": entry<{ directory: string; why: string }>(
    "machine",
    ({ directory, why }) => `The store of logs, metrics and traces in ${directory} cannot be opened: ${why}.`,
    () => "Check that the directory can be written and has space; if observability.db in it is damaged, remove it.",
  ),
  "aws-client-missing": entry<{ purpose: string; package: string }>(
    "user",
    ({ purpose, package: name }) => `${purpose} needs ${name}, which is not installed.`,
    ({ package: name }) => `Install it beside Lambdarium or in your project: npm install ${name}`,
  ),
  "store-missing": entry<{ directory: string }>(
    "user",
    ({ directory }) => `No logs, metrics or traces have been kept in ${directory}.`,
    () =>
      "Name the directory with --data-dir, or let `lambdarium invoke --data-dir DIR` or `lambdarium start` keep some.",
  ),
  "filter-pattern-invalid": entry<{ pattern: string; why: string }>(
    "user",
    ({ pattern, why }) => `${JSON.stringify(pattern)} is no filter pattern: ${why}.`,
    () =>
      'Put terms with other characters than letters, digits and _ into double quotes; AWS\'s page "Filter pattern syntax" has all of it.',
  ),
  "metric-ambiguous": entry<{ name: string; choices: readonly string[] }>(
    "user",
    ({ name, choices }) => `More than one metric is called ${JSON.stringify(name)}: ${choices.join("; ")}.`,
    () => "Say which with `namespace` and `dimensions`.",
  ),
  "statistic-unknown": entry<{ statistic: string }>(
    "user",
    ({ statistic }) => `There is no statistic ${JSON.stringify(statistic)}.`,
    () =>
      "Use SampleCount, Sum, Average, Minimum, Maximum, or CloudWatch's forms such as p90, tm90, tc90, TM(10%:90%), PR(:300), IQM.",
  ),
  "trace-not-found": entry<{ id: string; directory: string }>(
    "user",
    ({ id, directory }) => `There is no trace ${id} in ${directory}.`,
    () =>
      "`lambdarium traces` lists those there are; a request is traced when the function's tracing is active and it is sampled.",
  ),
  "environment-not-idle": entry<{ what: string; phase: string }>(
    "user",
    ({ what, phase }) => `${what} wants an idle environment, and this one is ${phase}.`,
    () => "Await the invocation before it; an environment that has not run yet wants `init()` or a first `invoke()`.",
  ),
  "process-not-running": entry<{ name: string; running: readonly string[] }>(
    "user",
    ({ name }) => `There is no process ${JSON.stringify(name)} in this environment.`,
    ({ running }) =>
      running.length === 0
        ? "Nothing runs in it: it has not been initialized, or it has ended."
        : `Name one of ${running.join(", ")}.`,
  ),
  "destination-not-listening": entry<{ destination: string; port: number; why: string }>(
    "machine",
    ({ destination, port, why }) =>
      `The fake destination ${destination} cannot listen on 127.0.0.1${port === 0 ? "" : `:${port}`}: ${why}.`,
    () => "Another program may have taken its port while it refused connections: make a new one.",
  ),
  "internal-fault": entry<{ doing: string }>(
    "lambdarium",
    ({ doing }) => `Lambdarium failed while ${doing}.`,
    () => "This is a defect of Lambdarium: please report it with the history of the run.",
  ),
} as const;

/** The stable codes of all errors of ours; `docs/errors.md` explains each. */
export type ErrorCode = keyof typeof catalogue;

/** Every code with who can mend it, for documentation that must not fall behind. */
export const errorCodes = Object.entries(catalogue).map(([code, { mendedBy }]) => ({
  code: code as ErrorCode,
  mendedBy,
}));

type FactsOf<C extends ErrorCode> = Parameters<(typeof catalogue)[C]["message"]>[0];

/** An error of Lambdarium: `code` is stable, `hint` says what to do, `mendedBy` who can do it. */
export class LambdariumError extends Error {
  override readonly name = "LambdariumError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly mendedBy: MendedBy;

  constructor(code: ErrorCode, message: string, hint: string, mendedBy: MendedBy, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.mendedBy = mendedBy;
  }
}

/** Builds the error of `code` from the facts its entry asks for. */
export function failure<C extends ErrorCode>(code: C, facts: FactsOf<C>, cause?: unknown): LambdariumError {
  const { message, hint, mendedBy } = catalogue[code] as unknown as Entry<FactsOf<C>>;
  return new LambdariumError(code, message(facts), hint(facts), mendedBy, cause);
}
