/** Access by user and password, or for everybody. */
import { type Secret, secretUse } from "../http/secret.ts";
import type { BulkAccess } from "./bulk-destination.ts";

export const openAccess: BulkAccess = (_, send) => send({ headers: {} });

export function passwordAccess(username: string, password: Secret | undefined): BulkAccess {
  const use = secretUse(password, `there is no password for ${username}`);
  return (_, send) =>
    use.sendWith((secret) =>
      send({ headers: { Authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString("base64")}` } }),
    );
}
