/** What a register call says, beyond its name. */
import { extensionHeaders } from "../protocol/extensions-api.ts";
import { invalidRequestFormat, type Refusal } from "../protocol/refusals.ts";
import { headerOf, type RequestHead } from "./exchange.ts";
import { isTextList, parseJsonObject } from "./json.ts";

const acceptFeature = extensionHeaders.acceptFeature.toLowerCase();

/** Whether the answer shall tell the account (EXT-26 to EXT-28). */
export function asksForAccountId(head: RequestHead): boolean {
  const features = headerOf(head, acceptFeature);
  return features !== undefined && features.split(",").some((feature) => feature.trim() === "accountId");
}

/** The event names of a registration's body, as sent (EXT-19, EXT-20), or why it cannot be read (EXT-33, EXT-34). */
export function readRegistration(
  body: Uint8Array,
): { readonly events: readonly string[] } | { readonly refusal: Refusal } {
  if (body.byteLength === 0) return malformed("The request body is empty");
  const members = parseJsonObject(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
  if (members === undefined) return malformed("The request body is not a JSON object");
  const events = members["events"] ?? [];
  const configurationKeys = members["configurationKeys"] ?? [];
  if (!isTextList(events)) return malformed("events is not a list of event names");
  if (!isTextList(configurationKeys)) return malformed("configurationKeys is not a list of names");
  if (configurationKeys.length > 0) {
    return malformed("configurationKeys are deprecated; use environment variables instead");
  }
  return { events };
}

const malformed = (why: string): { readonly refusal: Refusal } => ({ refusal: invalidRequestFormat(why) });
