import { expect, test } from "vitest";
import { checkDefinition } from "./check-definition.ts";
import { webhook } from "./destinations/webhook.ts";
import type { ExtensionDefinition } from "./extension-definition.ts";

const to = webhook({ url: "http://localhost:8000/" });

test.each([
  [{ kind: "sidecar" }, 'kind cannot be "sidecar": it is external or internal'],
  [{ telemetry: { port: 9001 } }, "telemetry.port cannot be 9001"],
  [{ telemetry: { port: Number.NaN } }, "telemetry.port cannot be NaN"],
  [{ onInvoke: "soon" }, 'onInvoke cannot be "soon": it is a function'],
  [{ deliver: {} }, 'deliver.to cannot be "": it is a destination, such as webhook({ url })'],
  [{ deliver: { to: webhook } }, "deliver.to cannot be a function"],
  [
    { deliver: { to, strategy: "sometimes" } },
    'deliver.strategy cannot be "sometimes": it is end, periodic, continuous',
  ],
  [{ deliver: { to, intervalMs: Number("x") } }, "deliver.intervalMs cannot be NaN: it is a number, 0 or more"],
  [{ deliver: { to, requestTimeoutMs: 0 } }, "deliver.requestTimeoutMs cannot be 0: it is a number above 0"],
  [{ deliver: [{ to }, { to, holdMs: -1 }] }, "deliver[1].holdMs cannot be -1"],
  [{ deliver: { to, spool: { maxBytes: "64" } } }, 'deliver.spool.maxBytes cannot be "64"'],
])("%o is refused", (definition, message) => {
  const check = (): void => checkDefinition(definition as unknown as ExtensionDefinition);
  expect(check).toThrow(expect.objectContaining({ code: "bad-definition", message: expect.stringContaining(message) }));
});

test.each([
  {},
  { kind: "internal", onShutdown: () => undefined },
  { deliver: { to, intervalMs: 0, holdMs: 0, reserveMs: 0, spool: false } },
  { deliver: [{ to, strategy: "end", spool: { maxAgeMs: 1 } }], telemetry: { port: 65_535 } },
] satisfies readonly ExtensionDefinition[])("%o is taken", (definition) => {
  expect(() => checkDefinition(definition)).not.toThrow();
});
