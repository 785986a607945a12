/** The answers that do not depend on what an environment says, and the forms all answers are made of. */
import type { Refusal } from "../protocol/refusals.ts";
import type { Answer } from "./exchange.ts";
import { jsonText } from "./json.ts";

const json = "application/json";
const plainText = "text/plain; charset=utf-8";

/** Every answer carries its length: a client must never wait for a connection to close. */
export function answer(status: number, headers: readonly string[], body: string | Uint8Array): Answer {
  const bytes = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  return { status, headers: [...headers, "Content-Length", String(bytes)], body };
}

export const jsonAnswer = (status: number, body: string): Answer => answer(status, ["Content-Type", json], body);

export const textAnswer = (status: number, body: string): Answer => answer(status, ["Content-Type", plainText], body);

/** RT-04, EXT-03: keys in this order, closed by a line feed. */
export const refusalAnswer = ({ status, errorMessage, errorType }: Refusal): Answer =>
  jsonAnswer(status, `${jsonText({ errorMessage, errorType })}\n`);

/** The other order and no line feed: telemetry-api, "agent answer". */
export const agentAnswer = ({ status, errorType, errorMessage }: Refusal): Answer =>
  jsonAnswer(status, jsonText({ errorType, errorMessage }));

/** RT-02 */
export const notFound = textAnswer(404, "404 page not found\n");

/** RT-03, TEL-04 */
export const methodNotAllowed = answer(405, [], "");

/** EXT-98, TEL-05 */
export const switchedOff = answer(404, [], "");

/** RT-06, EXT-04 */
export const accepted = jsonAnswer(202, '{"status":"OK"}\n');

/** RT-09 */
export const pong = textAnswer(200, "pong");

/** RT-84 */
export const restored = answer(200, [], "");
