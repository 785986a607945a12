/** The function's own credentials, where Lambda puts them for extensions too. */
import { ExtensionError, reasonOf } from "../../extension-error.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/**
 * Reads credentials anew when those it has are about to end, or when a service says so: from variables, which hold as long
 * as the environment does, or, with SnapStart, from the container credentials endpoint.
 */
export function functionCredentials(): (which?: "kept" | "renewed") => Promise<Credentials> {
  let kept: { readonly credentials: Credentials; readonly until: number } | undefined;
  return async (which = "kept") => {
    if (which === "kept" && kept !== undefined && Date.now() < kept.until) return kept.credentials;
    kept = fromVariables() ?? (await fromEndpoint());
    return kept.credentials;
  };
}

function fromVariables(): { credentials: Credentials; until: number } | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = process.env;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { credentials: { accessKeyId, secretAccessKey, sessionToken: AWS_SESSION_TOKEN }, until: Infinity };
}

async function fromEndpoint(): Promise<{ credentials: Credentials; until: number }> {
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } = process.env;
  if (uri === undefined)
    throw new ExtensionError("destination-failed", "there are no AWS credentials in the environment's variables");
  const answer = await get(new URL(uri), token ?? "");
  const found = JSON.parse(answer) as {
    readonly AccessKeyId: string;
    readonly SecretAccessKey: string;
    readonly Token?: string;
    readonly Expiration?: string;
  };
  const ends = Date.parse(found.Expiration ?? "");
  return {
    credentials: { accessKeyId: found.AccessKeyId, secretAccessKey: found.SecretAccessKey, sessionToken: found.Token },
    until: (Number.isNaN(ends) ? Date.now() + 300_000 : ends) - 60_000,
  };
}

/** It is on this machine; whoever waits for it has a request to send before the environment is frozen. */
const patienceMs = 2000;

async function get(url: URL, token: string): Promise<string> {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const options = { headers: { Authorization: token }, signal: AbortSignal.timeout(patienceMs) };
    const asked = request(url, options, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(Buffer.concat(pieces).toString("utf8"));
        else reject(new Error(`credentials were answered with status ${response.statusCode}`));
      });
    });
    asked.on("error", (error) => reject(new Error(`no credentials: ${reasonOf(error)}`)));
    asked.end();
  });
}
