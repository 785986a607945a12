/** Credentials by an endpoint in place of variables: a snapshot must not hold keys that expire (RT-91). */
import { randomUUID } from "node:crypto";
import type { ContainerCredentials } from "../sandbox-api/port.ts";
import type { Clock } from "./clock.ts";
import type { HostedFunction } from "./hosted-function.ts";

/** How long a function may keep what it was given; the SDKs ask again before that. */
const validForMs = 3_600_000;

export function containerCredentials(
  { initializationType, credentials }: HostedFunction,
  clock: Clock,
): ContainerCredentials | undefined {
  if (initializationType !== "snap-start") return undefined;
  return {
    path: "/2021-04-23/credentials",
    token: randomUUID(),
    body: () => ({
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      Token: credentials.sessionToken,
      Expiration: new Date(clock.now() + validForMs).toISOString(),
    }),
  };
}
