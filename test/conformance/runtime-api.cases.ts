import type { Case, Exchange } from "./case.ts";

const json = "application/json";
const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const notFound: Exchange["expect"] = {
  status: 404,
  headers: { "Content-Type": "text/plain; charset=utf-8" },
  body: "404 page not found\n",
};
const notAllowed: Exchange["expect"] = { status: 405, body: "" };
const accepted: Exchange["expect"] = { status: 202, headers: { "Content-Type": json }, body: '{"status":"OK"}\n' };
const tooLarge: Exchange["expect"] = {
  status: 413,
  headers: { "Content-Type": json },
  body: '{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}\n',
};
const next = { method: "GET", path: "/2018-06-01/runtime/invocation/next" } as const;
const response = { method: "POST", path: "/2018-06-01/runtime/invocation/{requestId}/response" } as const;
const error = { method: "POST", path: "/2018-06-01/runtime/invocation/{requestId}/error" } as const;

const transport: readonly Case[] = [
  {
    title: "[RT-09] ping",
    given: "Init has begun",
    exchanges: [
      {
        send: { method: "GET", path: "/2018-06-01/ping" },
        expect: { status: 200, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: "pong" },
      },
    ],
  },
  {
    title: "[RT-02] an unknown path",
    given: "Init has begun",
    exchanges: [
      { send: { method: "GET", path: "/" }, expect: notFound },
      { send: { method: "POST", path: "/2018-06-01/runtime/invocation/next/again", body: "{}" }, expect: notFound },
      { send: { method: "GET", path: "/2015-03-31/functions" }, expect: notFound },
    ],
  },
  {
    title: "[RT-03] a known path with another method",
    given: "Init has begun",
    exchanges: [
      { send: { method: "POST", path: "/2018-06-01/runtime/invocation/next", body: "{}" }, expect: notAllowed },
      { send: { method: "GET", path: "/2018-06-01/runtime/init/error" }, expect: notAllowed },
      { send: { method: "PUT", path: "/2018-06-01/runtime/invocation/x/response", body: "x" }, expect: notAllowed },
      { send: { method: "DELETE", path: "/2018-06-01/ping" }, expect: notAllowed },
    ],
  },
  {
    title: "[RT-83] the restore routes outside of snap-start",
    given: "Init has begun",
    exchanges: [
      { send: { method: "GET", path: "/2018-06-01/runtime/restore/next" }, expect: notFound },
      { send: { method: "POST", path: "/2018-06-01/runtime/restore/error", body: "{}" }, expect: notFound },
    ],
  },
  {
    title: "[RT-83] the restore routes of a snap-start environment are there",
    given: "a snap-start environment begins",
    exchanges: [{ send: { method: "POST", path: "/2018-06-01/runtime/restore/next" }, expect: notAllowed }],
  },
  {
    title: "[RT-91] container credentials",
    given: "credentials come from the container provider",
    exchanges: [
      {
        send: { method: "GET", path: "{path}", headers: { Authorization: "{token}" } },
        expect: {
          status: 200,
          headers: { "Content-Type": json },
          body: {
            pattern:
              '^\\{"AccessKeyId":"[^"]+","SecretAccessKey":"[^"]+","Token":"[^"]+","Expiration":"\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z"\\}$',
          },
        },
      },
      { send: { method: "GET", path: "{path}", headers: { Authorization: "{token}x" } }, expect: notFound },
      { send: { method: "GET", path: "{path}" }, expect: notFound },
    ],
  },
];

const events: readonly Case[] = [
  {
    title: "[RT-16, RT-20, RT-21, RT-27] an event",
    given: "an invocation waits for the runtime",
    exchanges: [
      {
        send: next,
        expect: {
          status: 200,
          headers: {
            "Content-Type": json,
            "Lambda-Runtime-Aws-Request-Id": "{requestId}",
            "Lambda-Runtime-Invocation-Id": { pattern: "." },
            "Lambda-Runtime-Deadline-Ms": { pattern: "^\\d{13}$" },
            "Lambda-Runtime-Invoked-Function-Arn": {
              pattern: "^arn:aws:lambda:[a-z0-9-]+:123456789012:function:parcel-labels:live$",
            },
            "Lambda-Runtime-Trace-Id": { pattern: "^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]" },
          },
          body: '{"parcel":17}',
        },
      },
    ],
  },
  {
    title: "[RT-23, RT-24, RT-25] what was not sent has no header",
    given: "an invocation waits for the runtime",
    exchanges: [
      {
        send: next,
        expect: {
          status: 200,
          headers: { "Lambda-Runtime-Aws-Request-Id": { pattern: `^${uuid}$` } },
          absent: ["Lambda-Runtime-Client-Context", "Lambda-Runtime-Cognito-Identity", "Lambda-Runtime-Aws-Tenant-Id"],
        },
      },
    ],
  },
  {
    title: "[RT-23, RT-24, RT-25] client context, identity and tenant",
    given: "an invocation with everything waits for the runtime",
    exchanges: [
      {
        send: next,
        expect: {
          status: 200,
          headers: {
            "Lambda-Runtime-Client-Context": Buffer.from('{"client":{"app_title":"Läden"}}').toString("latin1"),
            "Lambda-Runtime-Cognito-Identity":
              '{"cognitoIdentityId":"us-east-1:one","cognitoIdentityPoolId":"us-east-1:pool"}',
            "Lambda-Runtime-Aws-Tenant-Id": "blue",
          },
        },
      },
    ],
  },
  {
    title: "[RT-27] an absent payload",
    given: "an invocation without payload waits for the runtime",
    exchanges: [{ send: next, expect: { status: 200, body: "{}" } }],
  },
];

const results: readonly Case[] = [
  {
    title: "[RT-06, RT-32] a response",
    given: "an invocation runs",
    exchanges: [{ send: { ...response, body: '"läbel"' }, expect: accepted }],
    caller: { kind: "response", payload: '"läbel"' },
  },
  {
    title: "[RT-07] header names in any case",
    given: "an invocation runs",
    exchanges: [
      {
        send: { ...response, headers: { "LAMBDA-RUNTIME-FUNCTION-RESPONSE-MODE": "" }, body: "fine" },
        expect: accepted,
      },
    ],
    caller: { kind: "response", payload: "fine" },
  },
  {
    title: "[RT-10] a chunked response",
    given: "an invocation runs",
    exchanges: [{ send: { ...response, body: "in two chunks", framing: "chunked" }, expect: accepted }],
    caller: { kind: "response", payload: "in two chunks" },
  },
  {
    title: "[RT-10] a response after 100 Continue",
    given: "an invocation runs",
    exchanges: [{ send: { ...response, body: "continued", framing: "continue" }, expect: accepted }],
    caller: { kind: "response", payload: "continued" },
  },
  {
    title: "[RT-35] an empty response",
    given: "an invocation runs",
    exchanges: [{ send: response, expect: accepted }],
    caller: { kind: "response", payload: "" },
  },
  {
    title: "[RT-42] a response at the limit",
    given: "an invocation runs",
    exchanges: [{ send: { ...response, body: { bytes: 6_291_556 } }, expect: accepted }],
    caller: { kind: "response", payload: { bytes: 6_291_556 } },
  },
  {
    title: "[RT-43, RT-45] a longer response",
    given: "an invocation runs",
    exchanges: [{ send: { ...response, body: { bytes: 6_291_557 } }, expect: tooLarge }],
    caller: { kind: "response too large" },
  },
  {
    title: "[RT-43, RT-45] a longer response of unknown length",
    given: "an invocation runs",
    exchanges: [{ send: { ...response, body: { bytes: 6_291_557 }, framing: "chunked" }, expect: tooLarge }],
    caller: { kind: "response too large" },
  },
  {
    title: "[RT-53] a stream beyond the limit of a buffered response",
    given: "a streamed invocation runs",
    exchanges: [
      {
        send: {
          ...response,
          headers: { "Lambda-Runtime-Function-Response-Mode": "streaming", "Content-Type": "text/plain" },
          body: { bytes: 7_340_032 },
          framing: "chunked",
        },
        expect: accepted,
      },
    ],
    caller: { kind: "response", payload: { bytes: 7_340_032 } },
  },
  {
    title: "[RT-101] features and user agent",
    given: "an invocation runs",
    exchanges: [
      {
        send: {
          ...response,
          headers: { "Lambda-Runtime-Features": "tenants,x", "User-Agent": "aws-lambda-anything/9.9" },
          body: "same",
        },
        expect: accepted,
      },
    ],
    caller: { kind: "response", payload: "same" },
  },
  {
    title: "[RT-66, RT-68] an error, whatever its body and without a type",
    given: "an invocation runs",
    exchanges: [{ send: { ...error, body: "not even JSON" }, expect: accepted }],
    caller: { kind: "function error", payload: "not even JSON" },
  },
  {
    title: "[RT-68] an error of any type",
    given: "an invocation runs",
    exchanges: [
      {
        send: { ...error, headers: { "Lambda-Runtime-Function-Error-Type": "paper jam" }, body: "{}" },
        expect: accepted,
      },
    ],
    caller: { kind: "function error", payload: "{}" },
  },
  {
    title: "[RT-71] an error body over the limit",
    given: "an invocation runs",
    exchanges: [{ send: { ...error, body: { bytes: 6_291_557 } }, expect: tooLarge }],
    caller: { kind: "response too large" },
  },
  {
    title: "[RT-72] an error with its cause in the body",
    given: "an invocation runs",
    exchanges: [
      {
        send: {
          ...error,
          headers: { "Content-Type": "application/vnd.aws.lambda.error.cause+json" },
          body: '{"errorCause":{"message":"secret"},"errorType":"E","errorMessage":"<m>","stackTrace":["a"]}',
        },
        expect: accepted,
      },
    ],
    caller: {
      kind: "function error",
      payload: '{"errorMessage":"\\u003cm\\u003e","errorType":"E","stackTrace":["a"]}',
    },
  },
  {
    title: "[RT-72] an unreadable error with its cause in the body",
    given: "an invocation runs",
    exchanges: [
      {
        send: { ...error, headers: { "Content-Type": "application/vnd.aws.lambda.error.cause+json" }, body: "oops" },
        expect: accepted,
      },
    ],
    caller: { kind: "function error", payload: '"Invalid error body"' },
  },
  {
    title: "[RT-73] a header that is no X-Ray cause",
    given: "an invocation runs",
    exchanges: [
      {
        send: { ...error, headers: { "Lambda-Runtime-Function-XRay-Error-Cause": "{no JSON" }, body: "{}" },
        expect: accepted,
      },
    ],
    caller: { kind: "function error", payload: "{}" },
  },
  {
    title: "[RT-74] an X-Ray cause of 1 MiB",
    given: "an invocation runs",
    exchanges: [
      {
        send: {
          ...error,
          headers: { "Lambda-Runtime-Function-XRay-Error-Cause": `{"message":"${"m".repeat(1_048_560)}"}` },
          body: "{}",
        },
        expect: accepted,
      },
    ],
    caller: { kind: "function error", payload: "{}" },
  },
];

export const runtimeApiCases: readonly Case[] = [...transport, ...events, ...results];
