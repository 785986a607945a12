/**
 * Who may come in: programs on this machine. A web page in the developer's browser reaches loopback too, and by a name of
 * its own that resolves to it (DNS rebinding); it must neither create nor invoke functions nor read their logs.
 */

interface Head {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Why the request is refused; nothing for one that may go on. */
export function strangeness({ headers }: Head): string | undefined {
  if (headers["origin"] !== undefined) return "it carries an Origin header, as web pages do";
  const site = headers["sec-fetch-site"];
  if (site === "cross-site" || site === "same-site") return `it comes from a web page (${site})`;
  return isOurHost(headers["host"] ?? "") ? undefined : "its Host header names another machine";
}

/** An address, `localhost` or a name below it, with or without a port; HTTP/1.0 sends none. */
const isOurHost = (host: string): boolean =>
  host === "" || /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.%]+\]|(?:[\w-]+\.)*localhost)(?::\d{1,5})?$/i.test(host);
