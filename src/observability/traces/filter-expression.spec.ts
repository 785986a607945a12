import { expect, test } from "vitest";
import { assembleTrace } from "./assemble-trace.ts";
import { passes } from "./filter-evaluation.ts";
import { type Filter, parseFilter } from "./filter-expression.ts";
import type { SegmentDocument } from "./segment-document.ts";

const documents: readonly Partial<SegmentDocument>[] = [
  {
    id: "front",
    name: "shop",
    start_time: 0,
    end_time: 6,
    user: "ada",
    http: { request: { url: "https://shop.example/cart", method: "GET" }, response: { status: 502 } },
    error: true,
  },
  {
    id: "fn",
    parent_id: "front",
    name: "orders",
    origin: "AWS::Lambda::Function",
    aws: { account_id: "123456789012" },
    start_time: 1,
    end_time: 3,
    fault: true,
    cause: { exceptions: [{ message: "out of reach" }] },
    subsegments: [
      {
        id: "call",
        name: "DynamoDB",
        namespace: "aws",
        start_time: 1,
        end_time: 2,
        annotations: { parcel: 17, express: true, city: "Oslo" },
      },
    ],
  },
];

const trace = assembleTrace(
  "t",
  documents.map((document) => ({
    traceId: "t",
    id: String(document.id),
    from: "function" as const,
    inProgress: false,
    startedAt: 0,
    document: JSON.stringify(document),
  })),
);

test.each([
  ["ok", false],
  ["error", true],
  ["fault = true", true],
  ["fault = false", false],
  ["!throttle", true],
  ["NOT partial", true],
  ["responsetime > 5", true],
  ["responsetime >= 5 AND responsetime <= 5.5", false],
  ["duration < 3", false],
  ["http.status = 502", true],
  ["http.status != 502", false],
  ['http.url CONTAINS "/cart"', true],
  ['http.url BEGINSWITH "https://shop" and http.url ENDSWITH "cart"', true],
  ["http.method = 'POST'", false],
  ['http.clientip = "1.2.3.4"', false],
  ['user = "ada"', true],
  ['message CONTAINS "reach"', true],
  ["annotation.parcel = 17", true],
  ["annotation.parcel > 20", false],
  ["annotation[express] = true", true],
  ['annotation["city"] = "Oslo"', true],
  ["annotation.city", true],
  ["annotation.country", false],
  ['service("orders")', true],
  ['service("nobody")', false],
  ['service("orders") { fault }', true],
  ['service("shop") { fault }', false],
  ['service("orders") { responsetime > 1.5 AND annotation.parcel = 17 }', true],
  ['service(id(name: "orders", type: "AWS::Lambda::Function"))', true],
  ['service(id(name: "orders", type: "AWS::Lambda"))', false],
  ['service(id(type: "AWS::DynamoDB")) { inferred }', true],
  ['service(id(account.id: "123456789012"))', true],
  ['(ok OR service("shop")) AND !(throttle || partial)', true],
])("%s", (expression, expected) => {
  expect(passes(trace, parseFilter(expression) as Filter)).toBe(expected);
});

test("an empty expression asks for nothing", () => {
  expect(parseFilter(" ")).toBeUndefined();
});

test("what travels to the store is plain data", () => {
  const filter = parseFilter('service("orders") { responsetime > 1.5 } OR ok');
  expect(structuredClone(filter)).toEqual(filter);
});

test("AND binds more closely than OR", () => {
  expect(parseFilter("ok OR fault AND error")).toEqual<Filter>({
    is: "or",
    parts: [
      { is: "flag", flag: "ok" },
      {
        is: "and",
        parts: [
          { is: "flag", flag: "fault" },
          { is: "flag", flag: "error" },
        ],
      },
    ],
  });
});

test.each([
  ['edge("a", "b")', 'the keyword "edge" is not offered here'],
  ['rootcause.fault.service("a")', 'the keyword "rootcause.fault.service" is not offered here'],
  ["group.name = 'x'", 'the keyword "group.name" is not offered here'],
  ["responsetime", '"the end" is not understood there'],
  ["responsetime CONTAINS 5", '"CONTAINS" is not understood there'],
  ['responsetime > "five"', '"five" is not a number'],
  ["ok fault", '"fault" is not understood there'],
  ["(ok", '")" is expected'],
  ["ok AND", "not understood"],
  ['service("a', "not understood"],
  ["ok & fault", 'what begins with "& fault"'],
])("refuses by name what it does not know: %s", (expression, why) => {
  expect(() => parseFilter(expression)).toThrow(why);
});
