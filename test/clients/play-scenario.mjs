// Plays the scenario of a file in one environment and prints what came of it as JSON; see private-root.ts.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createEnvironment } from "lambdarium";

const { options, events, leftovers = [], gapMs = 0 } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const eventTypes = { "invoke event": "INVOKE", "shutdown event": "SHUTDOWN" };
const removeLeftovers = () => leftovers.forEach((file) => rmSync(file, { force: true }));

removeLeftovers();
const environment = await createEnvironment({ sandbox: "process", ...options });
const invocations = [];
for (const event of events) {
  invocations.push(await environment.invoke(event));
  await sleep(gapMs);
}
const left = leftovers.filter((file) => existsSync(file));
await environment.shutdown();
removeLeftovers();

const delivered = environment.history
  .flatMap(({ effects }) => effects)
  .filter(({ effect }) => effect === "answer call")
  .flatMap(({ outcome }) => eventTypes[outcome.kind] ?? []);
const { snapshot, subscriptions } = environment;
const notices = environment.notices.map(({ text }) => text);
console.log(JSON.stringify({ invocations, snapshot, delivered, subscriptions, left, notices }));
