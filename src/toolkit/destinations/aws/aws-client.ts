/** Signed requests to one service of AWS: keys that end and clocks that are wrong are put right, and the request sent again. */
import { type HttpAnswer, httpClient } from "../http/http-client.ts";
import { errorIn } from "./aws-results.ts";
import { functionCredentials } from "./credentials.ts";
import type { AwsService } from "./endpoint.ts";

export interface AwsRequest {
  readonly method?: "POST" | "PUT";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly region: string;
  readonly signal: AbortSignal;
}

export interface AwsClient {
  send(request: AwsRequest): Promise<HttpAnswer>;
  /** Connections are made anew. */
  renew(): void;
  close(): void;
}

export function awsClient(service: AwsService): AwsClient {
  const client = httpClient();
  const credentials = functionCredentials();
  /** How far the service's clock is ahead of ours. */
  let aheadMs = 0;
  const attempt = async ({ method = "POST", url, headers, body, region, signal }: AwsRequest): Promise<HttpAnswer> => {
    // Loaded when first used: an extension that has not sent anything yet has no use for it.
    const { signedHeaders } = await import("./sign-request.ts");
    const scope = { region, service, credentials: await credentials(), now: Date.now() + aheadMs };
    const signed = signedHeaders({ method, url, headers, body }, scope);
    return client.send({ method, url, headers: signed, body, signal, maxAnswerBytes });
  };
  return {
    async send(request) {
      const answer = await attempt(request);
      const error = errorIn(answer) ?? "";
      if (expired.has(error) && (await renewCredentials())) return attempt(request);
      const skewMs = clockErrors.has(error) ? Date.parse(answer.headers.date ?? "") - Date.now() : Number.NaN;
      if (!(Math.abs(skewMs - aheadMs) > toleratedSkewMs)) return answer;
      aheadMs = skewMs;
      return attempt(request);
    },
    renew: () => client.renew(),
    close: () => client.close(),
  };

  /** Whether there are others now. */
  async function renewCredentials(): Promise<boolean> {
    const before = await credentials();
    const now = await credentials("renewed");
    return now.accessKeyId !== before.accessKeyId || now.sessionToken !== before.sessionToken;
  }
}

const expired = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"]);

/** Said of a wrong time, and of much else: believed when the answer's date says so too. */
const clockErrors = new Set([
  "AuthFailure",
  "InvalidSignatureException",
  "RequestExpired",
  "RequestInTheFuture",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
]);

/** An answer about 500 records names each of them. */
const maxAnswerBytes = 1_048_576;

/** Services take five minutes of difference, S3 fifteen. */
const toleratedSkewMs = 240_000;
