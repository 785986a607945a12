/** Every telemetry record as a line of JSON, into a file or to stdout. */
import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { failure } from "../errors.ts";
import { reasonOf } from "./file-problem.ts";
import type { OutputStream } from "./output.ts";

export interface TelemetrySink {
  readonly write: (json: string) => void;
  /** Fulfilled when everything is written. @throws LambdariumError `output-unwritable` */
  readonly end: () => Promise<void>;
}

/** @throws LambdariumError `output-unwritable` */
export async function openTelemetry(target: string | undefined, stdout: OutputStream): Promise<TelemetrySink> {
  if (target === undefined) return { write: () => undefined, end: () => Promise.resolve() };
  if (target === "-") return { write: (json) => stdout.write(`${json}\n`), end: () => Promise.resolve() };
  return fileSink(target, createWriteStream(target));
}

async function fileSink(path: string, stream: WriteStream): Promise<TelemetrySink> {
  let broken: Error | undefined;
  const unwritable = (error: unknown) =>
    failure("output-unwritable", { what: `The file ${path} of --telemetry`, why: reasonOf(error) }, error);
  try {
    await once(stream, "open");
  } catch (error) {
    throw unwritable(error);
  }
  stream.on("error", (error) => {
    broken ??= unwritable(error);
  });
  return {
    write: (json) => {
      if (broken === undefined) stream.write(`${json}\n`);
    },
    end: async () => {
      if (broken === undefined) await new Promise<void>((resolve) => stream.once("close", resolve).end());
      if (broken !== undefined) throw broken;
    },
  };
}
