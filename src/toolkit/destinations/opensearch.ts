/** Documents to OpenSearch: `import … from "lambdarium/extension/destinations/opensearch"`. */
import { functionCredentials } from "./aws/credentials.ts";
import { type BulkAccess, bulkDestination, type BulkSettings } from "./bulk/bulk-destination.ts";
import { openAccess, passwordAccess } from "./bulk/password-access.ts";
import { serverUrl } from "./bulk/server-url.ts";
import type { Destination } from "./destination.ts";
import type { Secret } from "./http/secret.ts";
import { misconfigured } from "./misconfigured.ts";

export interface OpenSearchSettings extends BulkSettings {
  /** Default `OPENSEARCH_URL`. */
  readonly url?: string | URL | undefined;
  /** Default what the address has. */
  readonly username?: string | undefined;
  /** Default what the address has. */
  readonly password?: Secret | undefined;
  /** Signs with the function's own role: `es` for OpenSearch Service, `aoss` for OpenSearch Serverless. */
  readonly sigV4?: "es" | "aoss";
  /** For the signature; default the function's. */
  readonly region?: string | undefined;
}

/**
 * The same as `elasticsearch`, with the function's role for AWS's own services. OpenSearch Serverless takes no ids in
 * its time series collections: what is sent twice is there twice.
 */
export function openSearch(settings: OpenSearchSettings = {}): Destination {
  const { url, problem, ...asker } = serverUrl(
    settings.url ?? process.env["OPENSEARCH_URL"],
    "no address: set OPENSEARCH_URL, or url",
  );
  if (url === undefined) return misconfigured("opensearch", problem ?? "");
  const { username, password } = { ...asker, ...settings };
  const access =
    settings.sigV4 !== undefined
      ? signedAccess(settings.sigV4, settings.region)
      : username !== undefined
        ? passwordAccess(username, password)
        : openAccess;
  return bulkDestination({ name: "opensearch", url, access, ids: settings.sigV4 !== "aoss" }, settings);
}

function signedAccess(service: "es" | "aoss", region: string | undefined): BulkAccess {
  const credentials = functionCredentials();
  return async (origin, send) => {
    const [{ signedHeaders }, keys] = await Promise.all([import("./aws/sign-request.ts"), credentials()]);
    const scope = { region: region ?? origin.region, service, credentials: keys, now: Date.now() };
    return send({
      headers: {},
      sign: (headers, body, to) => signedHeaders({ method: "POST", url: to, headers, body }, scope),
    });
  };
}
