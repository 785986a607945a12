// Receives the telemetry of the function and its platform, and passes it on when Lambda has time for it.
import { defineExtension, type Destination, textItem, timeOf } from "lambdarium/extension";
import { webhook } from "lambdarium/extension/destinations/webhook";

// Where the records go: a URL that takes a POST with a JSON array; without one they are printed.
const url = process.env["TELEMETRY_DISPATCH_URL"];

const printed: Destination = {
  name: "standard output",
  limits: { maxItems: 1000, maxBytes: 1_000_000 },
  encode: (one) => [textItem(`${one.time} ${one.type} ${summary(one.record)}\n`, timeOf(one))],
  send: async ({ items }) => {
    process.stdout.write(items.map(({ body }) => body).join(""));
    return { kind: "delivered" };
  },
};

// At each INVOKE the function runs, and so may this: it passes on what the invocations before have left.
defineExtension({
  deliver: { to: url === undefined ? printed : webhook({ url }), strategy: "periodic", intervalMs: 0 },
});

function summary(record: unknown): string {
  if (typeof record === "string") return record.trimEnd();
  const { name, state, requestId, status, metrics } = record as Facts;
  const duration = metrics === undefined ? undefined : `${metrics.durationMs} ms`;
  return [name, state, requestId, status, duration].filter((part) => part !== undefined).join(", ");
}

/** What is shown of the platform's records. */
interface Facts {
  readonly name?: string;
  readonly state?: string;
  readonly requestId?: string;
  readonly status?: string;
  readonly metrics?: { readonly durationMs: number };
}
