/** Logs, metrics and traces behind a front door of their own, for clients that know nothing but its endpoint. */
import { afterAll } from "vitest";
import { openKept } from "./kept-observability.ts";

export interface ServedObservability {
  /** What a client gets as `--endpoint-url` or `AWS_ENDPOINT_URL`. */
  readonly endpoint: string;
}

/** Serves what is kept in `directory`, and what clients put there, until the tests of the file are over. */
export async function serveObservability(directory: string): Promise<ServedObservability> {
  const { endpoint, close } = await openKept(directory);
  afterAll(close);
  return { endpoint };
}
