import type { Case, Exchange } from "./case.ts";

const json = "application/json";
const identified = { "Lambda-Extension-Identifier": "{identifier}" };
const telemetry = (destination: string): string =>
  `{"schemaVersion":"2022-12-13","types":["platform"],"destination":{"protocol":"HTTP","URI":"${destination}"}}`;
const logs = (destination: string): string =>
  `{"schemaVersion":"2021-03-18","types":["platform"],"destination":{"protocol":"HTTP","URI":"${destination}"}}`;
const put = (path: string, body: string | { readonly bytes: number }, headers = {}): Exchange["send"] => ({
  method: "PUT",
  path,
  headers: { ...identified, ...headers },
  body,
});
const subscribed: Exchange["expect"] = { status: 200, headers: { "Content-Type": json }, body: '"OK"' };
const core = (status: number, errorType: string, errorMessage: string): Exchange["expect"] => ({
  status,
  headers: { "Content-Type": json },
  body: `{"errorMessage":"${errorMessage}","errorType":"${errorType}"}\n`,
});
const agent = (status: number, errorType: string, errorMessage: string): Exchange["expect"] => ({
  status,
  headers: { "Content-Type": json },
  body: `{"errorType":"${errorType}","errorMessage":"${errorMessage}"}`,
});
const there = "http://sandbox.localdomain:4243";

export const subscriptionApiCases: readonly Case[] = [
  {
    title: "[TEL-01, TEL-02] a subscription, with and without the slash",
    given: "an extension is registered",
    exchanges: [
      { send: put("/2022-07-01/telemetry", telemetry(`${there}/a`)), expect: subscribed },
      { send: put("/2022-07-01/telemetry/", telemetry(`${there}/b`)), expect: subscribed },
    ],
  },
  {
    title: "[LGS-01] a subscription of the Logs API",
    given: "an extension is registered",
    exchanges: [{ send: put("/2020-08-15/logs", logs(there)), expect: subscribed }],
  },
  {
    title: "[TEL-08] a subscription of any content type",
    given: "an extension is registered",
    exchanges: [
      {
        send: put("/2022-07-01/telemetry", telemetry(there), { "Content-Type": "application/x-www-form-urlencoded" }),
        expect: subscribed,
      },
    ],
  },
  {
    title: "[TEL-03] the date in the path",
    given: "an extension is registered",
    exchanges: ["/2022-12-13/telemetry", "/2025-01-29/telemetry"].map((path) => ({
      send: put(path, telemetry(there)),
      expect: { status: 404, body: "404 page not found\n" },
    })),
  },
  {
    title: "[TEL-04, LGS-01] other methods",
    given: "an extension is registered",
    exchanges: ["/2022-07-01/telemetry", "/2022-07-01/telemetry/", "/2020-08-15/logs"].flatMap((path) =>
      ["GET", "POST", "DELETE", "PATCH"].map((method) => ({
        send: { method, path, headers: identified },
        expect: { status: 405, body: "" },
      })),
    ),
  },
  {
    title: "[TEL-06, LGS-07] a platform without telemetry examines nothing",
    given: "the platform is without telemetry",
    exchanges: [
      {
        send: { method: "PUT", path: "/2022-07-01/telemetry", body: "no JSON" },
        expect: core(202, "Telemetry.NotSupported", "Telemetry API is not supported"),
      },
      {
        send: { method: "PUT", path: "/2020-08-15/logs", headers: { "Lambda-Extension-Identifier": "nobody" } },
        expect: core(202, "Logs.NotSupported", "Logs API is not supported"),
      },
    ],
  },
  {
    title: "[TEL-09] a body over the limit",
    given: "an extension is registered",
    exchanges: [
      {
        send: put("/2022-07-01/telemetry", { bytes: 1_048_577 }),
        expect: agent(413, "Telemetry.ValidationError", "Request body is too large"),
      },
      {
        send: put("/2020-08-15/logs", { bytes: 1_048_577 }),
        expect: agent(413, "Logs.ValidationError", "Request body is too large"),
      },
    ],
  },
  {
    title: "[TEL-09] a body at the limit",
    given: "an extension is registered",
    exchanges: [
      {
        send: put("/2022-07-01/telemetry", telemetry(there).padEnd(1_048_576, " ")),
        expect: subscribed,
      },
    ],
  },
  {
    title: "[TEL-65] a closed window comes before the body, broken or too large",
    given: "the subscription window is closed",
    exchanges: [telemetry(there), "no JSON", { bytes: 1_048_577 }].flatMap((body): Exchange[] => [
      {
        send: put("/2022-07-01/telemetry", body),
        expect: core(403, "Telemetry.SubscriptionClosed", "Telemetry API subscription is closed already"),
      },
      {
        send: put("/2020-08-15/logs", body),
        expect: core(403, "Logs.SubscriptionClosed", "Logs API subscription is closed already"),
      },
    ]),
  },
];
