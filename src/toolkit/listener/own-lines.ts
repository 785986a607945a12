/**
 * Tells an extension's own lines from those of others in its stream of type `extension`, where nothing says who wrote
 * one. Without this, a line for each batch received would make the next batch, for ever.
 */
import type { TelemetryRecord } from "../telemetry-records.ts";

export interface OwnLines {
  /** Text that this process wrote, in pieces of any size. */
  wrote(stream: "stdout" | "stderr", text: string): void;
  /** True once for each line that was written. */
  isOwn(record: TelemetryRecord): boolean;
}

/** Lines are delivered soon after they were written; an older one that never came was lost on the way. */
const rememberedLines = 2000;

export function ownLines(): OwnLines {
  const written = new Map<string, number>();
  const unfinished = { stdout: "", stderr: "" };
  return {
    wrote(stream, text) {
      const lines = (unfinished[stream] + text).split("\n");
      unfinished[stream] = lines.pop() ?? "";
      for (const line of lines) note(written, line);
    },
    isOwn({ type, record }) {
      if (type !== "extension") return false;
      const line = typeof record === "string" ? record.replace(/\n$/, "") : JSON.stringify(record);
      const times = written.get(line);
      if (times === undefined) return false;
      if (times === 1) written.delete(line);
      else written.set(line, times - 1);
      return true;
    },
  };
}

function note(written: Map<string, number>, line: string): void {
  const key = asDelivered(line);
  written.set(key, (written.get(key) ?? 0) + 1);
  for (const oldest of written.keys()) {
    if (written.size <= rememberedLines) return;
    written.delete(oldest);
  }
}

/** In log format JSON a line that is an object is delivered as one (EVT-75). */
function asDelivered(line: string): string {
  if (!line.startsWith("{")) return line;
  try {
    return JSON.stringify(JSON.parse(line));
  } catch {
    return line;
  }
}

/** Hears what this process writes from now on. */
export function hearOwnOutput(lines: OwnLines): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    const write = stream.write.bind(stream) as (...parameters: unknown[]) => boolean;
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      lines.wrote(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
      return write(chunk, ...rest);
    };
  }
}
