/** A payload as it is shown: its own JSON text, never one that was read and written again. */

/** One JSON value on one line: a payload that is not JSON becomes a string. */
export function payloadText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("utf8");
  // In JSON a line end stands between tokens only: strings have it escaped.
  return isJson(text) ? text.trim().replaceAll(/\s*[\r\n]\s*/g, " ") : JSON.stringify(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
