import { describe, expect, test } from "vitest";
import { filterPattern } from "./filter-pattern.ts";
import { InvalidFilterPattern } from "./pattern.ts";

const matching = (pattern: string, messages: readonly string[]): readonly string[] =>
  messages.filter((message) => filterPattern(pattern).matches(message));

const [code, argument, both, warning] = [
  "Exiting with ERRORCODE: -1",
  "[ERROR] Caught IllegalArgumentException",
  "ERROR WARN message",
  "WARN message",
];
const lines = [code, argument, both, warning];

describe("terms", () => {
  test.each([
    ["", lines],
    ['" "', lines],
    ["ERROR", [code, argument, both]],
    ["error", []],
    ["ERROR WARN", [both]],
    ["ERROR Exception", [argument]],
    ["?Exiting ?WARN", [code, both, warning]],
    ["ERROR -WARN", [code, argument]],
    ['"ERROR" - "Exiting"', [argument, both]],
    ["-ERROR", [warning]],
    ['"WARN message"', [both, warning]],
    ['"[ERROR]"', [argument]],
    ['-"[ERROR]" ERROR', [code, both]],
    ["?Exiting ERROR WARN", [both]],
    ["%[A-Z]+CODE: -\\d%", [code]],
    ["%^WARN|IllegalArg%", [argument, warning]],
  ])("%s", (pattern, expected) => {
    expect(matching(pattern, lines)).toEqual(expected);
  });

  test("a regular expression ends where the line does, not behind its line feed", () => {
    expect(matching("%WARN message$%", ["WARN message\n", "WARN message\r\n", "WARN message more\n"])).toEqual([
      "WARN message\n",
      "WARN message\r\n",
    ]);
  });

  test.each([
    ["status:500", "Invalid character(s) in term 'status:500'"],
    ['"open', 'A quoted term lacks its closing "'],
    ["%a(b)%", "Invalid character '(' in regular expression %a(b)%"],
    ["ERROR -", "Invalid filter pattern: no term follows '-'"],
    ["%a[%", "Invalid regular expression %a[%"],
    ["%open", "A regular expression lacks its closing %"],
  ])("%s is refused", (pattern, why) => {
    expect(() => filterPattern(pattern)).toThrow(new InvalidFilterPattern(why));
  });
});

const trail = JSON.stringify({
  eventType: "UpdateTrail",
  sourceIPAddress: "111.111.111.111",
  arrayKey: ["value", "another value"],
  objectList: [
    { name: "a", id: 1 },
    { name: "b", id: 2 },
  ],
  SomeObject: null,
  ThisFlag: true,
  "dotted.name": "c",
  "with-dash": 1,
  latency: 512.5,
  status: 404,
});
const people = JSON.stringify({
  user: { id: 1, email: "John.Stiles@example.com" },
  users: [
    { id: 2, email: "John.Doe@example.com" },
    { id: 3, email: "Jane.Doe@example.com" },
  ],
  actions: ["GET", "PUT", "DELETE"],
  coordinates: [
    [0, 1, 2],
    [4, 5, 6],
  ],
});

describe("JSON", () => {
  test.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ["{ $.eventType = UpdateTrail }", true],
    ['{$.eventType="Update*"}', true],
    ['{ $.eventType = "*Trail" }', true],
    ['{ $.eventType = "*dateT*" }', true],
    ['{ $.eventType = "Up*ail" }', false],
    ["{ $.eventType = %^Update[A-Z]% }", true],
    ["{ $.sourceIPAddress != 123.123.* }", true],
    ["{ $.sourceIPAddress != 111.111.* }", false],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[1] = "value" }', false],
    ['{ $.arrayKey[*] = "another value" }', true],
    ["{ $.objectList[1].id = 2 }", true],
    ["{ $.objectList[*].id = 2 }", true],
    ["{ $.objectList[7].id = 2 }", false],
    ["{ $.arrayKey = value }", false],
    ["{ $.arrayKey != value }", false],
    ["{ $.missing != value }", false],
    ["{ $.SomeObject IS NULL }", true],
    ["{ $.missing IS NULL }", false],
    ["{ $.SomeOtherObject NOT EXISTS }", true],
    ["{ $.SomeObject NOT EXISTS }", false],
    ["{ $.ThisFlag IS TRUE }", true],
    ["{ $.ThisFlag IS FALSE }", false],
    ["{ $.['dotted.name'] = c }", true],
    ["{ $.with-dash = 1 }", true],
    ["{ $.latency >= 500 }", true],
    ["{ $.latency < 10e3 }", true],
    ["{ $.latency < 10e-3 }", false],
    ["{ $.latency > +1000 }", false],
    ["{ $.latency = * }", true],
    ["{ $.missing = * }", false],
    ["{ $.status = 404 }", true],
    ["{ $.status = 4* }", true],
    ["{ $.status = 5* }", false],
    ["{ $.eventType > 5 }", false],
  ])("%s", (pattern, expected) => {
    expect(filterPattern(pattern).matches(trail)).toBe(expected);
  });

  test.each([
    ['{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', true],
    ['{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', false],
    ['{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }', true],
    [
      '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }',
      false,
    ],
    ["{ $.user.* = 1 }", true],
  ])("%s", (pattern, expected) => {
    expect(filterPattern(pattern).matches(people)).toBe(expected);
  });

  test("what is no JSON matches nothing", () => {
    expect(matching("{ $.a NOT EXISTS }", ["a line", '{"a":', '{"b":1}\n', ' {"b":2}'])).toEqual([
      '{"b":1}\n',
      ' {"b":2}',
    ]);
  });

  test.each([
    "{ $.a }",
    "{ $.a = }",
    "{ a = 1 }",
    "{ $.a = 1",
    "{ $.a = 1 } more",
    "{ $.a > abc }",
    "{ ($.a = 1 }",
    "{ $ = 1 }",
    "{ $.a = 1 && }",
    "{ $.a[x] = 1 }",
    "{ $.a = %a% || $.b = %b% || $.c = %c% }",
  ])("%s is refused", (pattern) => {
    expect(() => filterPattern(pattern)).toThrow(InvalidFilterPattern);
  });
});

const ok = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534';
const broken = '127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /index.html HTTP/1.0" 500 5324';
const forbidden = '10.0.0.9 - anna [10/Oct/2000:13:50:35 -0700] "GET /index.html HTTP/1.0" 403 55';
const access = [ok, broken, forbidden];

describe("space-delimited", () => {
  test.each([
    ["[ip, user, username, timestamp, request, status_code, bytes]", access],
    ["[ip, user, username, timestamp, request, status_code]", []],
    ["[ip, user, username, timestamp, request, status_code, bytes > 1000]", [ok, broken]],
    ["[ip, user, username, timestamp, request, status_code = 4*, bytes]", [forbidden]],
    [
      "[ip, user, username, timestamp, request = *html*, status_code = 5* || status_code = 403, bytes]",
      [broken, forbidden],
    ],
    ["[ip, user, username, timestamp, request, status_code = 4* && status_code != 403, bytes]", []],
    ["[..., status_code = 200, bytes]", [ok]],
    ["[ip = 10.*, ...]", [forbidden]],
    ["[ip, user, ..., bytes<100]", [forbidden]],
    ["[..., request=*.html*, status_code=5*,]", [broken]],
    ["[ip=%127\\.0\\.0\\.[1-9]%, ...]", [ok, broken]],
    ['[ip, user, username = "frank", ...]', [ok, broken]],
  ])("%s", (pattern, expected) => {
    expect(matching(pattern, access)).toEqual(expected);
  });

  test("words of a line", () => {
    expect(matching("[w1=ERROR || w1=WARN, w2]", ["ERROR WARN message", "ERROR message", "WARN message"])).toEqual([
      "ERROR message",
      "WARN message",
    ]);
  });

  test.each(["[a, b", "[..., a, ...]", "[a =]", "[a > x]", "[a] b", "[a b]", "[a = %1%, b = %2% || b = %3%]"])(
    "%s is refused",
    (pattern) => {
      expect(() => filterPattern(pattern)).toThrow(InvalidFilterPattern);
    },
  );
});

test.each([
  ["short longestTerm", { text: "longestTerm", maybeEscaped: false }],
  ["?one", { text: "one", maybeEscaped: false }],
  ["?one ?two", undefined],
  ["-one", undefined],
  ['{ $.a = "text*" && $.b = 1 }', { text: "text", maybeEscaped: true }],
  ['{ $.a = "text" || $.b = 1 }', undefined],
  ['{ $.a = "a/b" }', undefined],
  ['{ $.a != "text" }', undefined],
  ["[a = text]", undefined],
])("what every message that %s matches contains", (pattern, needle) => {
  expect(filterPattern(pattern).needle).toEqual(needle);
});
