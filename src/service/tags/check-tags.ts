/** Rules for tags (SVC-255, SVC-256). */
import { invalidValue } from "../refusal.ts";

const mostTags = 50;

/** @throws Refusal for tags that cannot be added to those there are. */
export function checkTags(
  added: Readonly<Record<string, string>>,
  present: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  for (const [key, value] of Object.entries(added)) {
    if (key.length < 1 || key.length > 128)
      throw invalidValue(`A tag's key has 1 to 128 characters, not ${key.length}.`);
    if (value.length > 256) throw invalidValue(`The value of tag ${key} has more than 256 characters.`);
    if (/^aws:/i.test(key)) throw invalidValue(`Tags that begin with aws: are reserved, such as ${key}.`);
  }
  const all = { ...present, ...added };
  if (Object.keys(all).length > mostTags) throw invalidValue("Number of tags exceeds resource tag limit.");
  return all;
}
