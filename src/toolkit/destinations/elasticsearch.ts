/** Documents to Elasticsearch: `import … from "lambdarium/extension/destinations/elasticsearch"`. */
import { type BulkAccess, bulkDestination, type BulkSettings } from "./bulk/bulk-destination.ts";
import { openAccess, passwordAccess } from "./bulk/password-access.ts";
import { serverUrl } from "./bulk/server-url.ts";
import type { Destination } from "./destination.ts";
import { type Secret, secretUse } from "./http/secret.ts";
import { misconfigured } from "./misconfigured.ts";

export interface ElasticsearchSettings extends BulkSettings {
  /** Default `ELASTICSEARCH_URL`. */
  readonly url?: string | URL | undefined;
  /** As Elasticsearch encodes it; default `ELASTIC_API_KEY`. */
  readonly apiKey?: Secret | undefined;
  /** Default what the address has. */
  readonly username?: string | undefined;
  /** Default what the address has. */
  readonly password?: Secret | undefined;
}

/**
 * The bulk API with documents of the Elastic Common Schema, each under an id of its own, so that none is there twice. Of
 * a request that failed in part only those documents are sent again that may be taken later; those whose members
 * the index maps otherwise are kept with the members as text. 429 and 5xx are tried again, 413 halves the request,
 * 401, 403 and 404 keep everything in the spool.
 */
export function elasticsearch(settings: ElasticsearchSettings = {}): Destination {
  const { url, problem, ...asker } = serverUrl(
    settings.url ?? process.env["ELASTICSEARCH_URL"],
    "no address: set ELASTICSEARCH_URL, or url",
  );
  if (url === undefined) return misconfigured("elasticsearch", problem ?? "");
  const access = accessBy({ ...asker, ...settings });
  return bulkDestination({ name: "elasticsearch", url, access, ids: true }, settings);
}

function accessBy({ apiKey, username, password }: ElasticsearchSettings): BulkAccess {
  const key = apiKey ?? process.env["ELASTIC_API_KEY"];
  if (username !== undefined && apiKey === undefined) return passwordAccess(username, password);
  if (key === undefined) return openAccess;
  const use = secretUse(key, "the API key is empty");
  return (_, send) => use.sendWith((secret) => send({ headers: { Authorization: `ApiKey ${secret}` } }));
}
