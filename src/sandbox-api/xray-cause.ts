/** The X-Ray cause that a runtime sends with an error: checked, and cut to size. */
import { maxXrayCauseBytes } from "../protocol/runtime-api.ts";
import { isJsonObject, isTextList, parseJsonObject } from "./json.ts";

/** The cause as JSON text of at most 65,536 bytes (RT-74), or `undefined` for what is no cause (RT-73). */
export function readXrayCause(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const members = parseJsonObject(text);
  const cause = members === undefined ? undefined : causeOf(members);
  if (cause === undefined) return undefined;
  return Buffer.byteLength(text) <= maxXrayCauseBytes ? text : shortened(cause);
}

interface Frame {
  readonly path: string;
  readonly line: number;
  readonly label: string;
}

interface Cause {
  readonly exceptions: readonly { readonly message: string; readonly type: string; readonly stack: readonly Frame[] }[];
  readonly working_directory: string;
  readonly paths: readonly string[];
  readonly message: string;
}

function causeOf(members: Readonly<Record<string, unknown>>): Cause | undefined {
  const exceptions = members["exceptions"] ?? [];
  const directory = members["working_directory"] ?? "";
  const paths = members["paths"] ?? [];
  const message = members["message"] ?? "";
  if (!isObjectList(exceptions) || !isTextList(paths)) return undefined;
  if (typeof directory !== "string" || typeof message !== "string") return undefined;
  if (exceptions.length === 0 && paths.length === 0 && directory === "" && message === "") return undefined;
  return { exceptions: exceptions.map(exceptionOf), working_directory: directory, paths, message };
}

function exceptionOf(exception: Readonly<Record<string, unknown>>): Cause["exceptions"][number] {
  const stack = exception["stack"];
  return {
    message: textOf(exception["message"]),
    type: textOf(exception["type"]),
    stack: isObjectList(stack) ? stack.map(frameOf) : [],
  };
}

const frameOf = (frame: Readonly<Record<string, unknown>>): Frame => ({
  path: textOf(frame["path"]),
  line: typeof frame["line"] === "number" ? frame["line"] : 0,
  label: textOf(frame["label"]),
});

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const isObjectList = (value: unknown): value is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) && value.every(isJsonObject);

/** Lists lose their ends first; texts only when that is not enough. The last step leaves nothing but the form. */
const steps = [
  { lists: 0.8, characters: Infinity },
  { lists: 0.4, characters: Infinity },
  { lists: 0.4, characters: 8192 },
  { lists: 0.1, characters: 1024 },
  { lists: 0.02, characters: 256 },
  { lists: 0, characters: 4096 },
] as const;

function shortened(cause: Cause): string | undefined {
  for (const step of steps) {
    const text = JSON.stringify(cut(cause, step));
    if (Buffer.byteLength(text) <= maxXrayCauseBytes) return text;
  }
  return undefined;
}

function cut(cause: Cause, { lists, characters }: (typeof steps)[number]): Cause {
  const head = <Item>(items: readonly Item[]): readonly Item[] => items.slice(0, Math.ceil(items.length * lists));
  const start = (text: string): string => text.slice(0, characters);
  return {
    exceptions: head(cause.exceptions).map(({ message, type, stack }) => ({
      message: start(message),
      type: start(type),
      stack: head(stack).map(({ path, line, label }) => ({ path: start(path), line, label: start(label) })),
    })),
    working_directory: start(cause.working_directory),
    paths: head(cause.paths).map(start),
    message: start(cause.message),
  };
}
