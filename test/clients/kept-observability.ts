/** CloudWatch Logs, CloudWatch and X-Ray over what is kept in a directory, behind a front door of their own. */
import { openFrontDoor } from "../../dist/aws-api/front-door.js";
import { openObservability } from "../../dist/observability/open-observability.js";

export async function openKept(directory: string): Promise<{ endpoint: string; close: () => Promise<void> }> {
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
  return {
    endpoint: door.endpoint,
    close: async () => {
      await door.close(0);
      await observability.close();
    },
  };
}
