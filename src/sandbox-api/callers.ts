/**
 * Who may call: processes inside the sandbox, by address or by its names. A web page that the developer's browser shows
 * can reach loopback too, and must not be able to take an invocation or post a response.
 */
import type { Answer, RequestHead } from "./exchange.ts";
import { textAnswer } from "./answers.ts";

/** The answer to a caller that is no process of the sandbox, `undefined` for one that may go on. */
export function refuseStranger(head: RequestHead): Answer | undefined {
  if (head.headers["origin"] !== undefined) return stranger("the request carries an Origin header, as web pages do");
  const site = head.headers["sec-fetch-site"];
  // Node's own fetch sends Sec-Fetch-Mode, but only browsers say from which site a request comes.
  if (site === "cross-site" || site === "same-site") return stranger(`the request comes from a web page (${site})`);
  const host = head.headers["host"];
  if (host === undefined && head.httpVersion === "1.1") return hostMissing;
  if (typeof host !== "string" || host === "" || isSandboxHost(host)) return undefined;
  return stranger("its Host header is neither an IP address nor localhost, sandbox or sandbox.localdomain");
}

/** An IP address, `localhost` or one of the sandbox's names, each with or without a port. */
function isSandboxHost(host: string): boolean {
  if (host === lastAccepted) return true;
  const accepted = sandboxHost.test(host);
  if (accepted) lastAccepted = host;
  return accepted;
}

/** Nearly every request names the same host as the one before; one text is remembered, nothing grows. */
let lastAccepted = "";

const sandboxHost =
  /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.%]+\]|localhost|sandbox|sandbox\.localdomain)(?::\d{1,5})?$/i;

/** RFC 9112, 3.2. What node:http would answer has no length. */
const hostMissing = textAnswer(400, "400 Bad Request: missing required Host header");

const stranger = (why: string): Answer =>
  textAnswer(403, `This address serves the processes of a Lambda sandbox only: ${why}.\n`);
