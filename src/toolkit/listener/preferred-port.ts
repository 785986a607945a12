/** Which port an extension listens on: always the same one, and none that another extension is known to take. */

/** Ports that extensions in use have taken for themselves, 9001 being the sandbox API's own. */
export const takenByOthers: ReadonlySet<number> = new Set([
  2772, 2773, 3000, 4243, 4317, 4318, 5333, 8000, 8080, 8124, 8125, 8126, 8200, 8999, 9000, 9001, 9002, 9003, 9009,
  53_612,
]);

// Above the ports that programs like to take, below those from which the kernel gives outgoing connections theirs: any
// connection of the function's could hold one of those just when the extension comes back after a reset.
const lowest = 10_240;
const highest = 32_767;

/**
 * The port for a name; `attempt` counts the ones that were tried before. A port that changed with every start would
 * lose what is pending after a reset: the subscription outlives it and still names the old port (TEL-77).
 */
export function preferredPort(name: string, attempt = 0): number {
  const port = lowest + (hash(`${name}#${attempt}`) % (highest - lowest + 1));
  return takenByOthers.has(port) ? port + 1 : port;
}

/** FNV-1a: spreads names that differ in one letter. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
