/** The events as the user gave them: text, files, or standard input. They are sent byte for byte. */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { failure } from "../errors.ts";
import { reasonOf } from "./file-problem.ts";

/** RT-28 */
const mostBytes = 6_291_456;

/** @throws LambdariumError `option-invalid`, `invalid-setting`, `input-unreadable`, `event-too-large` */
export async function readEvents(given: readonly string[]): Promise<readonly Uint8Array[]> {
  if (given.filter((event) => event === "-").length > 1)
    throw failure("option-invalid", { option: "--event", value: "-", why: "standard input can be read once only" });
  const events: Uint8Array[] = [];
  for (const event of given) events.push(checked(event, await read(event)));
  return events;
}

async function read(event: string): Promise<Uint8Array> {
  if (event === "-") return buffer(process.stdin);
  if (!event.startsWith("@")) return Buffer.from(event);
  const path = event.slice(1);
  try {
    return await readFile(path);
  } catch (error) {
    throw failure("input-unreadable", { option: "--event", path, why: reasonOf(error) }, error);
  }
}

function checked(event: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length > mostBytes) throw failure("event-too-large", { bytes: bytes.length });
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    return bytes;
  } catch (error) {
    const why = `it is not JSON (${error instanceof Error ? error.message : String(error)})`;
    throw failure("invalid-setting", { setting: "--event", value: shortened(event), why }, error);
  }
}

const shortened = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
