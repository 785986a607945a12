/** `console` as Lambda's Node.js runtime writes it: text or JSON, by level, one record a call (ENV-128 to ENV-132). */
import { writeSync } from "node:fs";
import { format } from "node:util";
import { describeForLog } from "./error-report.ts";

/** Bits 2 to 4 of a frame's type (CAP-25); their order is the levels' order. */
const levelBits = { TRACE: 0x04, DEBUG: 0x08, INFO: 0x0c, WARN: 0x10, ERROR: 0x14, FATAL: 0x18 } as const;
type Level = keyof typeof levelBits;

/** Where other clients and tracing libraries look for the current request. */
const requestIdKey = Symbol.for("aws.lambda.runtime.requestId");
const shared = globalThis as { [requestIdKey]?: string };

export interface FunctionConsole {
  /** What is logged from now on belongs to this invocation; it stays after its end. */
  setRequest(requestId: string, tenantId: string | undefined): void;
  /** The runtime's own line about a failure, `Invoke Error` and the like. */
  logError(title: string, thrown: unknown): void;
}

type Write = (level: Level, parameters: readonly unknown[]) => void;

/** Replaces the methods of the global `console`. Takes the log descriptor out of `process.env` (ENV-48). */
export function createConsole(): FunctionConsole {
  let tenantId: string | undefined;
  const asJson = process.env["AWS_LAMBDA_LOG_FORMAT"]?.toUpperCase() === "JSON";
  const descriptor = takeDescriptor();
  const encode = asJson
    ? (time: string, level: Level, parameters: readonly unknown[]) => jsonRecord(time, level, tenantId, parameters)
    : textRecord;

  const write: Write =
    descriptor === undefined
      ? (level, parameters) => {
          const record = encode(new Date().toISOString(), level, parameters);
          // A line is a record there, so an inner LF would make two of one (CAP-36).
          process.stdout.write(`${record.replaceAll("\n", "\r")}\n`);
        }
      : (level, parameters) => {
          const now = new Date();
          const record = encode(now.toISOString(), level, parameters);
          writeFrame(descriptor, level, now, asJson ? record : `${record}\n`, asJson);
        };

  replaceMethods(write);
  return {
    setRequest(requestId, tenant) {
      shared[requestIdKey] = requestId;
      tenantId = tenant;
    },
    logError(title, thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (asJson) console.error(error);
      else console.error(title, describeForLog(error));
    },
  };
}

function takeDescriptor(): number | undefined {
  const text = process.env["_LAMBDA_TELEMETRY_LOG_FD"];
  delete process.env["_LAMBDA_TELEMETRY_LOG_FD"];
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

function replaceMethods(write: Write): void {
  const configured = process.env["AWS_LAMBDA_LOG_LEVEL"]?.toUpperCase() ?? "";
  const lowest = configured in levelBits ? levelBits[configured as Level] : levelBits.TRACE;
  const method = (level: Level): ((...parameters: unknown[]) => void) =>
    levelBits[level] < lowest ? () => {} : (...parameters) => write(level, parameters);
  const info = method("INFO");
  Object.assign(console, {
    trace: method("TRACE"),
    debug: method("DEBUG"),
    info,
    log: info,
    warn: method("WARN"),
    error: method("ERROR"),
    fatal: method("FATAL"),
  });
}

function textRecord(time: string, level: Level, parameters: readonly unknown[]): string {
  return `${time}\t${shared[requestIdKey]}\t${level}\t${format(...(parameters as [unknown]))}`;
}

function jsonRecord(
  timestamp: string,
  level: Level,
  tenantId: string | undefined,
  parameters: readonly unknown[],
): string {
  const head = { timestamp, level, requestId: shared[requestIdKey], ...(tenantId ? { tenantId } : {}) };
  if (parameters.length === 1) {
    const [message] = parameters;
    try {
      return JSON.stringify({ ...head, message }, (_key, value: unknown) =>
        value instanceof Error ? Object.assign(errorMembers(value), value) : value,
      );
    } catch {
      return JSON.stringify({ ...head, message: format(message) });
    }
  }
  const error = parameters.find((parameter) => parameter instanceof Error);
  return JSON.stringify({
    ...head,
    message: format(...(parameters as [unknown])),
    ...(error === undefined ? {} : errorMembers(error)),
  });
}

function errorMembers(error: Error): object {
  const errorType = (error.constructor as { name?: string } | undefined)?.name ?? "UnknownError";
  return { errorType, errorMessage: error.message, stackTrace: error.stack?.split("\n") ?? [] };
}

/** CAP-24: type, length, microseconds, payload; in one write, so that frames of two threads do not mix. */
function writeFrame(descriptor: number, level: Level, now: Date, record: string, asJson: boolean): void {
  const length = Buffer.byteLength(record);
  const frame = Buffer.allocUnsafe(16 + length);
  frame.writeUInt32BE(0xa55a0000 + (asJson ? 2 : 3) + levelBits[level], 0);
  frame.writeUInt32BE(length, 4);
  frame.writeBigInt64BE(BigInt(now.getTime()) * 1000n, 8);
  frame.write(record, 16);
  let written = 0;
  while (written < frame.length) {
    try {
      written += writeSync(descriptor, frame, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      // The pipe is full and not blocking: give the reader a moment.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
