import type { Case, Exchange } from "./case.ts";

const json = "application/json";
const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const path = {
  register: "/2020-01-01/extension/register",
  next: "/2020-01-01/extension/event/next",
  initError: "/2020-01-01/extension/init/error",
  exitError: "/2020-01-01/extension/exit/error",
  telemetry: "/2022-07-01/telemetry",
  logs: "/2020-08-15/logs",
} as const;

const refused = (errorType: string, errorMessage: string): Exchange["expect"] => ({
  status: 403,
  headers: { "Content-Type": json },
  body: `{"errorMessage":"${errorMessage}","errorType":"${errorType}"}\n`,
});
const refusedFreely = (errorType: string): Exchange["expect"] => ({
  status: 403,
  headers: { "Content-Type": json },
  body: { pattern: `^\\{"errorMessage":"[^"]+","errorType":"${errorType}"\\}\\n$` },
});
const register = (headers: Readonly<Record<string, string>>, body: string): Exchange["send"] => ({
  method: "POST",
  path: path.register,
  headers,
  body,
});
const named = { "Lambda-Extension-Name": "tracer" };
const registered: Exchange["expect"] = {
  status: 200,
  headers: { "Content-Type": json, "Lambda-Extension-Identifier": { pattern: `^${uuid}$` } },
  body: '{"functionName":"parcel-labels","functionVersion":"$LATEST","handler":"labels.print"}\n',
};
const registeredWithAccount: Exchange["expect"] = {
  ...registered,
  body: '{"accountId":"123456789012","functionName":"parcel-labels","functionVersion":"$LATEST","handler":"labels.print"}\n',
};
const notFound: Exchange["expect"] = { status: 404, body: "404 page not found\n" };
const notAllowed: Exchange["expect"] = { status: 405, body: "" };
const accepted: Exchange["expect"] = { status: 202, headers: { "Content-Type": json }, body: '{"status":"OK"}\n' };
const missingIdentifier = refused("Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header");
const invalidIdentifier = refused("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier");
const identified = { "Lambda-Extension-Identifier": "{identifier}" };

const registration: readonly Case[] = [
  {
    title: "[EXT-01, EXT-02] paths and methods",
    given: "Init has begun",
    exchanges: [
      { send: { method: "GET", path: path.register }, expect: notAllowed },
      { send: { method: "POST", path: path.next }, expect: notAllowed },
      { send: { method: "PUT", path: path.initError, body: "{}" }, expect: notAllowed },
      { send: { method: "GET", path: path.exitError }, expect: notAllowed },
      { send: { method: "GET", path: "/2020-01-01/extension" }, expect: notFound },
      { send: { method: "POST", path: "/2020-01-01/extension/event/Next" }, expect: notFound },
    ],
  },
  {
    title: "[EXT-19, EXT-23, EXT-27] a registration",
    given: "Init has begun",
    exchanges: [{ send: register(named, '{"events":["INVOKE"]}'), expect: registered }],
  },
  {
    title: "[EXT-26, EXT-28] a registration that asks for the account",
    given: "Init has begun",
    exchanges: [
      {
        send: register({ ...named, "Lambda-Extension-Accept-Feature": "foo, accountId," }, '{"events":["INVOKE"]}'),
        expect: registeredWithAccount,
      },
    ],
  },
  {
    title: "[EXT-28] a feature in another case is another feature",
    given: "Init has begun",
    exchanges: [
      {
        send: register({ ...named, "Lambda-Extension-Accept-Feature": "accountid" }, '{"events":["INVOKE"]}'),
        expect: registered,
      },
    ],
  },
  ...["{}", '{"events":null}', '{"events":[]}'].map((body): Case => ({
    title: `[EXT-20] a registration for no events: ${body}`,
    given: "Init has begun",
    exchanges: [{ send: register(named, body), expect: registered }],
  })),
  ...["application/x-www-form-urlencoded", "text/plain", "nonsense"].map((contentType): Case => ({
    title: `[EXT-07] a registration of content type ${contentType}, with unknown headers and keys`,
    given: "Init has begun",
    exchanges: [
      {
        send: register({ ...named, "Content-Type": contentType, "X-Any": "1" }, '{"events":["INVOKE"],"any":{}}'),
        expect: registered,
      },
    ],
  })),
  {
    title: "[EXT-05] header names in any case",
    given: "Init has begun",
    exchanges: [
      {
        send: register(
          { "lambda-extension-NAME": "tracer", "LAMBDA-EXTENSION-ACCEPT-FEATURE": "accountId" },
          '{"events":["INVOKE"]}',
        ),
        expect: registeredWithAccount,
      },
    ],
  },
  {
    title: "[EXT-32, EXT-41] a registration without a name, whatever its body",
    given: "Init has begun",
    exchanges: [
      {
        send: register({}, '{"events":["INVOKE"]}'),
        expect: refused("Extension.InvalidExtensionName", "Empty extension name"),
      },
      {
        send: register({ "Lambda-Extension-Name": "" }, "no JSON"),
        expect: refused("Extension.InvalidExtensionName", "Empty extension name"),
      },
    ],
  },
  {
    title: "[EXT-03, EXT-33, EXT-41] bodies that say nothing, after which a right one is accepted",
    given: "Init has begun",
    exchanges: [
      ...["", "INVOKE", "{", "[]", "5", '{"events":"INVOKE"}', '{"events":[7]}'].map((body): Exchange => ({
        send: register(named, body),
        expect: refusedFreely("InvalidRequestFormat"),
      })),
      { send: register(named, '{"events":["INVOKE"]}'), expect: registered },
    ],
  },
  {
    title: "[EXT-34] configuration keys",
    given: "Init has begun",
    exchanges: [
      {
        send: register(named, '{"events":["INVOKE"],"configurationKeys":["A"]}'),
        expect: refused("InvalidRequestFormat", "configurationKeys are deprecated; use environment variables instead"),
      },
    ],
  },
];

const identity: readonly Case[] = [
  {
    title: "[EXT-43, TEL-41] no identifier",
    given: "an extension is registered",
    exchanges: [
      { send: { method: "GET", path: path.next }, expect: missingIdentifier },
      { send: { method: "POST", path: path.initError }, expect: missingIdentifier },
      { send: { method: "POST", path: path.exitError }, expect: missingIdentifier },
      { send: { method: "PUT", path: path.telemetry, body: "{}" }, expect: missingIdentifier },
      { send: { method: "PUT", path: path.logs, body: "{}" }, expect: missingIdentifier },
      {
        send: { method: "GET", path: path.next, headers: { "Lambda-Extension-Identifier": "" } },
        expect: missingIdentifier,
      },
    ],
  },
  {
    title: "[EXT-44, TEL-42] an identifier that is no UUID",
    given: "an extension is registered",
    exchanges: (
      [
        ["GET", path.next],
        ["POST", path.initError],
        ["POST", path.exitError],
        ["PUT", path.telemetry],
        ["PUT", path.logs],
      ] as const
    ).map(([method, path]) => ({
      send: { method, path, headers: { "Lambda-Extension-Identifier": "tracer" } },
      expect: invalidIdentifier,
    })),
  },
  {
    title: "[EXT-48, EXT-71] the error type is asked for before the extension is looked up",
    given: "Init has begun",
    exchanges: [path.initError, path.exitError].map((path) => ({
      send: { method: "POST", path, headers: { "Lambda-Extension-Identifier": "{unknown}" } },
      expect: refused("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found"),
    })),
  },
  {
    title: "[EXT-04, EXT-69, EXT-70] an error report with any type and any body",
    given: "an extension is registered",
    exchanges: [
      {
        send: {
          method: "POST",
          path: path.initError,
          headers: { ...identified, "Lambda-Extension-Function-Error-Type": "no paper!" },
          body: "no JSON",
        },
        expect: accepted,
      },
      {
        send: {
          method: "POST",
          path: path.initError,
          headers: { ...identified, "Lambda-Extension-Function-Error-Type": "Extension.NoPaper" },
        },
        expect: accepted,
      },
    ],
  },
];

const events: readonly Case[] = [
  {
    title: "[EXT-52, EXT-53, EXT-55, EXT-56, EXT-57] an INVOKE event",
    given: "an INVOKE event waits for an extension",
    exchanges: [
      {
        send: { method: "GET", path: path.next, headers: identified },
        expect: {
          status: 200,
          headers: { "Content-Type": json, "Lambda-Extension-Event-Identifier": { pattern: `^${uuid}$` } },
          body: {
            pattern:
              '^\\{"eventType":"INVOKE","deadlineMs":\\d{13},"requestId":"{requestId}","invokedFunctionArn":"arn:aws:lambda:[a-z0-9-]+:123456789012:function:parcel-labels:live","tracing":\\{"type":"X-Amzn-Trace-Id","value":"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01][^"]*"\\}\\}$',
          },
        },
      },
    ],
  },
  {
    title: "[EXT-45] the identifier in another form",
    given: "an INVOKE event waits for an extension",
    exchanges: [
      {
        send: {
          method: "GET",
          path: path.next,
          headers: { "Lambda-Extension-Identifier": "urn:uuid:{identifier}" },
        },
        expect: { status: 200, body: { pattern: '^\\{"eventType":"INVOKE"' } },
      },
    ],
  },
  {
    title: "[EXT-59, EXT-60] a SHUTDOWN event",
    given: "a SHUTDOWN event waits for an extension",
    exchanges: [
      {
        send: { method: "GET", path: path.next, headers: identified },
        expect: {
          status: 200,
          headers: { "Content-Type": "text/plain; charset=utf-8" },
          absent: ["Lambda-Extension-Event-Identifier"],
          body: { pattern: '^\\{"eventType":"SHUTDOWN","deadlineMs":\\d{13},"shutdownReason":"spindown"\\}$' },
        },
      },
    ],
  },
];

const switchedOff: readonly Case[] = [
  {
    title: "[TEL-05, LGS-01] extensions are switched off",
    given: "extensions are switched off",
    exchanges: Object.values(path).flatMap((path) =>
      ["GET", "POST", "PUT"].map((method) => ({
        send: { method, path, headers: { ...identified, ...named } },
        expect: { status: 404, body: "" },
      })),
    ),
  },
];

export const extensionsApiCases: readonly Case[] = [...registration, ...identity, ...events, ...switchedOff];
