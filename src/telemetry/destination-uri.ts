/** Takes the URI of an HTTP destination apart without changing it (TEL-17, DLV-01). */

export interface DestinationUri {
  /** Lower case. */
  readonly scheme: string;
  /** Lower case. */
  readonly host: string;
  readonly port: number | undefined;
  readonly target: string;
}

// `URL` would drop an explicit port 80 and rewrite the path: both count here as given.
const form = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^/?#@:[\]]+)(?::([0-9]*))?([^#]*)(?:#.*)?$/i;
const printable = /^[\u0021-\u007e]*$/;

/** `undefined` when it is no URI that a request could be sent to. */
export function readDestinationUri(uri: string): DestinationUri | undefined {
  const parts = printable.test(uri) ? form.exec(uri) : null;
  if (parts === null) return undefined;
  const [, scheme = "", host = "", portText = "", rest = ""] = parts;
  const port = portText === "" ? undefined : Number(portText);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const target = rest.startsWith("/") ? rest : `/${rest}`;
  return { scheme: scheme.toLowerCase(), host: host.toLowerCase(), port, target };
}
