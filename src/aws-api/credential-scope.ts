/** Who signs for what: the scope of a Signature Version 4, which nobody here checks (SVC-05). */
import type { CredentialScope } from "./exchange.ts";

/** From the header `Authorization` or from `X-Amz-Credential` of a presigned URL (SVC-06). */
export function credentialScope(
  authorization: string | undefined,
  query: URLSearchParams,
): CredentialScope | undefined {
  const credential = /\bCredential=([^,\s]+)/.exec(authorization ?? "")?.[1] ?? query.get("X-Amz-Credential") ?? "";
  // An access key may hold slashes when it is no real one; the scope is always the last four parts.
  const parts = credential.split("/");
  const [, region, service, end] = parts.slice(-4);
  if (parts.length < 5 || end !== "aws4_request" || !region || !service) return undefined;
  return { accessKeyId: parts.slice(0, -4).join("/"), region, service };
}
