/** Extension identifiers in the forms clients send them. */

/** The identifier as a lower-case UUID, or `undefined` if it is none (EXT-44, EXT-45). */
export function normalizeIdentifier(text: string): string | undefined {
  if (plain.test(text)) return text;
  const [, first, second, third, fourth, fifth] = anyForm.exec(bare(text.toLowerCase())) ?? [];
  return first === undefined ? undefined : `${first}-${second}-${third}-${fourth}-${fifth}`;
}

const plain = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** All four dashes or none. */
const anyForm = /^([0-9a-f]{8})(?:(?=.{28}$)|(?=.{24}$))-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/;

function bare(text: string): string {
  if (text.startsWith("urn:uuid:")) return withDashes(text.slice("urn:uuid:".length));
  if (text.startsWith("{") && text.endsWith("}")) return withDashes(text.slice(1, -1));
  return text;
}

/** Inside `urn:uuid:` and braces only the form with dashes is read. */
function withDashes(text: string): string {
  return plain.test(text) ? text : "";
}
