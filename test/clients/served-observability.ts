/** Logs, metrics and traces behind a front door of their own, for clients that know nothing but its endpoint. */
import { afterAll } from "vitest";
import { openFrontDoor } from "../../dist/aws-api/front-door.js";
import { openObservability } from "../../dist/observability/open-observability.js";

export interface ServedObservability {
  /** What a client gets as `--endpoint-url` or `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
}

/** Serves what is kept in `directory`, and what clients put there, until the tests of the file are over. */
export async function serveObservability(directory: string): Promise<ServedObservability> {
  const observability = await openObservability({
    directory,
    now: Date.now,
    accountId: "123456789012",
    defaultRegion: "us-east-1",
  });
  const door = await openFrontDoor({
    port: 0,
    apis: observability.apis,
    unclaimed: () => ({ status: 404 }),
    faulted: (cause) => console.error(cause),
  });
  afterAll(async () => {
    await door.close(0);
    await observability.close();
  });
  return { endpoint: door.endpoint };
}
