/** What happened in an environment, for whoever reads why a test failed. */
import type { Environment } from "../environment.ts";
import { spoolsIn } from "../spools.ts";
import { destinationLines } from "./destination-lines.ts";
import { lastOf, section } from "./verdict.ts";

const mostLines = 15;

/** Everything on the way of a record: the platform, the extension, its spool, the destination. */
export const deliveryLines = (environment: Environment): readonly string[] => [
  ...environment.destinations.flatMap((destination) => destinationLines(destination)),
  ...section("the platform:", platformLines(environment)),
  ...section(
    "waiting in spools:",
    spoolsIn(environment.paths).map(({ name, records }) => `${name}: ${records} records`),
  ),
  ...lastLines(environment),
];

/** Who did what, without the way of the records. */
export const lifeLines = (environment: Environment): readonly string[] => [
  ...section(
    "what happened last:",
    lastOf(
      environment.timeline.map(({ atMs, who, what }) => `${atMs.toFixed(1)} ms ${who}: ${what}`),
      mostLines,
    ),
  ),
  ...lastLines(environment),
];

function platformLines({ snapshot, subscriptions, telemetry }: Environment): readonly string[] {
  const failed = snapshot.phases.filter(({ status }) => status !== "success");
  return [
    `the environment is ${snapshot.phase}`,
    ...failed.map(
      ({ phase, status, errorType }) => `${phase} ended: ${status}${errorType === undefined ? "" : `, ${errorType}`}`,
    ),
    ...(snapshot.extensions.length === 0 ? ["there is no extension"] : []),
    ...snapshot.extensions.map(({ name, state, exit }) => `the extension ${name} is ${state}${exitText(exit)}`),
    ...(subscriptions.length === 0 ? ["no extension has subscribed to telemetry"] : []),
    ...subscriptions.map(subscriptionLine),
    ...telemetry
      .ofType("platform.logsDropped")
      .map(({ record }) => `${record.droppedRecords} records were dropped: ${record.reason}`),
  ];
}

function exitText({ code, signal }: Environment["snapshot"]["extensions"][number]["exit"]): string {
  if (signal !== null) return `, ended by ${signal}`;
  return code === null ? "" : `, exit status ${code}`;
}

function subscriptionLine(view: Environment["subscriptions"][number]): string {
  const { extensionName, types, produced, delivered, dropped, queued, attempts } = view;
  const last = attempts.findLast(({ result }) => result.kind === "failed")?.result;
  const failed = last?.kind === "failed" ? `; a delivery failed: ${last.why}` : "";
  const counts = `${produced.events} produced, ${delivered.events} delivered to it, ${dropped.events} dropped, ${queued.events} waiting`;
  return `${extensionName} gets ${types.join(", ")}: ${counts}${failed}`;
}

const lastLines = (environment: Environment): readonly string[] =>
  environment.snapshot.extensions.flatMap(({ name }) =>
    section(`last lines of ${name}:`, lastOf(environment.linesOf(name), mostLines)),
  );
