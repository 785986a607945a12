/** The machine's report as text: data in, lines out. */
import type { MachineReport, RuntimeReport, SandboxReport } from "../testing/machine-report.ts";
import { painter, type Painter } from "./painter.ts";
import { wrapped } from "./wrapped.ts";

interface Shape {
  readonly columns: number | undefined;
  readonly colour: boolean;
}

export function machineLines(report: MachineReport, { columns, colour }: Shape): string[] {
  const paint = painter(colour);
  return [
    `Lambdarium on ${report.system}`,
    "",
    paint.strong("Runtimes"),
    ...report.runtimes.flatMap((runtime) => runtimeLines(runtime, columns, paint)),
    ...report.sandboxes.flatMap((sandbox) => ["", ...sandboxLines(sandbox, report.auto, columns, paint)]),
  ];
}

const nameWidth = 24;
const levelWidth = 14;

function runtimeLines(
  { identifier, status, interpreter, hint }: RuntimeReport,
  columns: number | undefined,
  paint: Painter,
) {
  const found = interpreter === undefined ? "" : `${interpreter.version} (${interpreter.file})`;
  const what = {
    exact: found,
    nearest: `stands in: ${found}. ${hint ?? ""}`,
    missing: hint ?? "",
    own: "the function brings its own program, named bootstrap",
  }[status];
  const ink = { exact: paint.calm, nearest: paint.warning, missing: paint.bad, own: paint.calm }[status];
  return row(identifier, status, what, ink, columns);
}

function sandboxLines(
  { driver, available, hint, features }: SandboxReport,
  auto: string,
  columns: number | undefined,
  paint: Painter,
) {
  const title = `Sandbox driver ${driver}${driver === auto ? ", which --sandbox auto takes" : ""}`;
  if (!available) return [paint.strong(title), ...row("", "not available", hint ?? "", paint.bad, columns)];
  const inks = { enforced: paint.calm, approximated: paint.warning, "not enforced": paint.bad };
  return [
    paint.strong(title),
    ...features.flatMap(({ feature, level, reason }) => row(feature, level, reason, inks[level], columns)),
  ];
}

function row(
  name: string,
  level: string,
  what: string,
  ink: (text: string) => string,
  columns: number | undefined,
): string[] {
  const indent = 2 + nameWidth + levelWidth;
  const [first = "", ...more] = wrapped(what, columns === undefined ? undefined : columns - indent);
  const head = `  ${name.padEnd(nameWidth)}${ink(level.padEnd(levelWidth))}`;
  return [`${head}${first}`.trimEnd(), ...more.map((line) => " ".repeat(indent) + line)];
}
