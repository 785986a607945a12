/** The toolkit's vendor destinations against the fake back ends, which others wrote: each finds its address and key by itself. */
import { createDestination, type Environment, type FakeDestination } from "lambdarium";
import "lambdarium/vitest";
import { expect, test } from "vitest";
import { open } from "../fixtures/environments.ts";
import { built, extensionFile, shipperName } from "../fixtures/toolkit/shipping.ts";

const writer = `await serve(async () => { process.stdout.write("line one\\nline two\\n"); return "null"; });`;

/** A function that writes two lines, and an extension that delivers them to the fake, by its variables alone. */
async function delivered(fake: FakeDestination, name: string): Promise<Environment> {
  const environment = await open({
    bootstrap: writer,
    functionName: "orders",
    extensionPaths: [
      extensionFile(
        shipperName,
        `import { ${name} } from ${built(`destinations/${fake.kind}`)};
         defineExtension({ deliver: { to: ${name}(), strategy: "end" } });`,
      ),
    ],
    destinations: [fake],
  });
  await environment.invoke();
  await environment.shutdown();
  return environment;
}

test.each([
  ["splunk-hec", "splunkHec", { event: "line one", source: "lambda:orders" }],
  ["loki", "loki", { line: "line one", labels: { service_name: "orders" } }],
  ["elasticsearch", "elasticsearch", { document: { message: "line one", faas: { name: "orders" } } }],
  ["opensearch", "openSearch", { document: { message: "line one", faas: { name: "orders" } } }],
  ["datadog", "datadog", { message: "line one", service: "orders" }],
  ["new-relic", "newRelic", { message: "line one" }],
] as const)("%s gets each line once, after one refusal", async (kind, name, expected) => {
  await using fake = await createDestination(kind);
  fake.throttle(429, 0, { times: 1 });
  expect(await delivered(fake, name)).toHaveDelivered(expected, { times: 1 });
});

test.each([
  ["elasticsearch", "elasticsearch"],
  ["opensearch", "openSearch"],
] as const)("%s has each line once, also when its answer was lost", async (kind, name) => {
  await using fake = await createDestination(kind);
  fake.half({ times: 1 });
  expect(await delivered(fake, name)).toHaveDelivered({ document: { message: "line one" } }, { times: 1 });
  expect(fake.requests.length).toBeGreaterThan(1);
});
