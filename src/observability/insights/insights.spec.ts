import { expect, test } from "vitest";
import { eventFields } from "./event-fields.ts";
import { asked, events, morning } from "./queried.spec-support.ts";
import { MalformedQuery } from "./query-syntax.ts";
import { readQuery } from "./read-query.ts";
import { RunningQuery } from "./run-query.ts";
import { recorded } from "./values.ts";

const id = "8f1d6d0e-1c2b-4b3a-9d2f-0123456789ab";
const orders = [
  { level: "INFO", order: 1, price: 10, customer: { name: "Ada", tags: ["new", "vip"] } },
  { level: "ERROR", order: 2, price: 2.5, customer: { name: "Bob" }, failed: true },
  { level: "INFO", order: 3, price: 7, customer: { name: "Ada" } },
].map((order) => JSON.stringify(order));

/** The only column of the result. */
const column = (query: string, messages: readonly string[] = orders) =>
  asked(query, messages).map((row) => Object.values(row)[0]);

test("without a command the newest messages come first, with their times", () => {
  expect(asked("", ["one\n", "two\n"])).toEqual([
    { "@timestamp": "2026-11-23 08:00:01.000", "@message": "two\n" },
    { "@timestamp": "2026-11-23 08:00:00.000", "@message": "one\n" },
  ]);
});

test("fields that an event lacks are not in its row", () => {
  expect(asked("fields order, failed, customer.tags.1 as tag | sort order", orders)).toEqual([
    { order: "1", tag: "vip" },
    { order: "2", failed: "1" },
    { order: "3" },
  ]);
});

test("display decides what is shown, whatever fields made before", () => {
  expect(asked("fields price * 2 as double | sort order | display order, double | limit 1", orders)).toEqual([
    { order: "1", double: "20" },
  ]);
});

test.each<[string, readonly string[]]>([
  ["order = 2", ["2"]],
  ["order != 2", ["3", "1"]],
  ["price >= 7 and level = 'INFO'", ["3", "1"]],
  ["price < 3 or order > 2", ["3", "2"]],
  ["not (level = 'INFO')", ["2"]],
  ["level like 'ERR'", ["2"]],
  ["level not like /^E/", ["3", "1"]],
  ["level =~ /(?i)err/", ["2"]],
  ['level in ["ERROR", "FATAL"]', ["2"]],
  ["order not in [1, 2]", ["3"]],
  ["ispresent(failed)", ["2"]],
  ["not ispresent(failed)", ["3", "1"]],
  ["isblank(missing) and isempty(missing)", ["3", "2", "1"]],
  ["missing = 1", []],
  ["missing != 1", ["3", "2", "1"]],
  ["strcontains(level, 'RR') = 1", ["2"]],
  ["strlen(customer.name) = 3 && tolower(level) = 'error'", ["2"]],
  ["@timestamp > 1795420800000 + 500", ["3", "2"]],
  ['`customer`.`name` = "Bob" # a comment', ["2"]],
])("filter %s", (condition, found) => {
  expect(morning).toBe(1_795_420_800_000);
  expect(column(`fields order | filter ${condition}`)).toEqual(found);
});

test.each<[string, string]>([
  ["price + order * 2 ^ 2", "14"],
  ["(price - 1) / 4", "2.25"],
  ["price % 4", "2"],
  ["-price", "-10"],
  ["price / 3", "3.3333"],
  ["coalesce(price / 0, 'none')", "none"],
  ["abs(0 - price)", "10"],
  ["ceil(price / 3) + floor(price / 3)", "7"],
  ["greatest(price, order, 12)", "12"],
  ["least(price, order)", "1"],
  ["sqrt(price * 10)", "10"],
  ["concat(level, '-', order)", "INFO-1"],
  ["toupper(customer.name)", "ADA"],
  ["substr(level, 1, 2)", "NF"],
  ["replace(level, 'N', 'M')", "IMFO"],
  ["trim('  x ')", "x"],
  ["ltrim('xxab', 'x')", "ab"],
  ["coalesce(missing, level)", "INFO"],
  ["bin(1h)", "2026-11-23 08:00:00.000"],
  ["bin(1mo)", "2026-11-01 00:00:00.000"],
  ["datefloor(@timestamp, 1d)", "2026-11-23 00:00:00.000"],
  ["dateceil(fromMillis(1), 1year)", "1971-01-01 00:00:00.000"],
  ["tomillis(@timestamp)", String(morning)],
])("fields %s gives %s", (expression, value) => {
  expect(column(`fields ${expression} | filter order = 1`)).toEqual([value]);
});

test("stats makes one row, with the functions as they were written as its fields", () => {
  const query =
    "stats count(*), count(failed), sum(price), avg(price), min(price), max(price) - min(price) as range, pct(price, 50), stddev(price), count_distinct(customer.name)";
  expect(asked(query, orders)).toEqual([
    {
      "count(*)": "3",
      "count(failed)": "1",
      "sum(price)": "19.5",
      "avg(price)": "6.5",
      "min(price)": "2.5",
      range: "7.5",
      "pct(price, 50)": "7",
      "stddev(price)": "3.0822",
      "count_distinct(customer.name)": "2",
    },
  ]);
});

test("stats by gives a row for each group", () => {
  expect(
    asked(
      "stats count(*) as n, latest(order) as last, earliest(order) as first by customer.name | sort n desc",
      orders,
    ),
  ).toEqual([
    { "customer.name": "Ada", n: "2", last: "3", first: "1" },
    { "customer.name": "Bob", n: "1", last: "2", first: "2" },
  ]);
});

test("of events of one millisecond the latest is the one that was stored last", () => {
  const running = new RunningQuery(readQuery("stats latest(@message) as last, earliest(@message) as first"));
  const one = events(["first", "then", "last"]).map((event) => ({ ...event, timestamp: morning }));
  for (const event of one.toReversed()) running.accept(eventFields(event));
  running.end();
  expect(running.results).toEqual([
    [
      { field: "last", value: "last" },
      { field: "first", value: "first" },
    ],
  ]);
});

test("stats by bin gives a row for each period", () => {
  expect(asked("stats count() by bin(2s)", orders)).toEqual([
    { "bin(2s)": "2026-11-23 08:00:02.000", "count()": "1" },
    { "bin(2s)": "2026-11-23 08:00:00.000", "count()": "2" },
  ]);
});

test("stats of nothing counts none, and has no groups", () => {
  expect(asked("filter order > 9 | stats count(*), sum(price)", orders)).toEqual([{ "count(*)": "0" }]);
  expect(asked("filter order > 9 | stats count(*) by level", orders)).toEqual([]);
});

test("stats may be followed by further commands", () => {
  const query = "stats sum(price) as total by level | filter total > 3 | fields total * 2 as double | sort double desc";
  expect(asked(query, orders)).toEqual([{ level: "INFO", total: "17", double: "34" }]);
  expect(asked("stats count(*) as n by level | stats max(n) as most", orders)).toEqual([{ most: "2" }]);
});

test.each([
  ["sort price", ["2", "3", "1"]],
  ["sort price desc", ["1", "3", "2"]],
  ["sort customer.name asc, order desc", ["3", "1", "2"]],
  ["sort failed desc, order", ["2", "1", "3"]],
  ["sort @timestamp asc | limit 2", ["1", "2"]],
  ["limit 1", ["3"]],
  ["dedup customer.name", ["3", "2"]],
  ["sort order | dedup customer.name | limit 5", ["1", "2"]],
])("%s", (commands, found) => {
  expect(column(`fields order | ${commands}`)).toEqual(found);
});

test("the request's limit holds where the query has none", () => {
  expect(asked("fields order", orders, 2)).toHaveLength(2);
  expect(asked("fields order | sort order", orders, 2).map(({ order }) => order)).toEqual(["1", "2"]);
});

const lines = ["GET /orders took 12 ms, status 200", "POST /orders took 30 ms, status 500", "no request"];

test("parse takes fields out of a text with wildcards", () => {
  const query =
    'parse "* * took * ms, status *" as method, path, took, status | sort took | display method, status, took';
  expect(asked(query, lines)).toEqual([
    { method: "GET", status: "200", took: "12" },
    { method: "POST", status: "500", took: "30" },
    {},
  ]);
});

test("parse takes the named groups of a regular expression", () => {
  const query =
    "parse @message /took (?<took>\\d+) ms, status (?<status>5..)/ | filter ispresent(status) | stats sum(took)";
  expect(asked(query, lines)).toEqual([{ "sum(took)": "30" }]);
});

test("parse reads other fields too, and signs of regular expressions are plain in wildcards", () => {
  expect(
    asked(
      "fields customer.name as who | parse who 'A*' as rest | filter ispresent(rest) | display rest | limit 1",
      orders,
    ),
  ).toEqual([{ rest: "da" }]);
  expect(asked("parse 'a+(*)' as inside | display inside", ["a+(b)", "aa(b)"])).toEqual([{}, { inside: "b" }]);
});

const report = `REPORT RequestId: ${id}\tDuration: 2.03 ms\tBilled Duration: 3 ms\tMemory Size: 512 MB\tMax Memory Used: 70 MB\tInit Duration: 99.50 ms\t\nXRAY TraceId: 1-69d9e8b0-a1b2c3d4e5f60718293a4b5c\tSegmentId: 0f1e2d3c4b5a6978\tSampled: true\t\n`;

test("in what Lambda writes, fields are discovered", () => {
  const query =
    "fields @type, @requestId, @duration, @billedDuration, @memorySize, @maxMemoryUsed, @initDuration, @xrayTraceId, @xraySegmentId, @log";
  expect(asked(query, [report])).toEqual([
    {
      "@type": "REPORT",
      "@requestId": id,
      "@duration": "2.03",
      "@billedDuration": "3",
      "@memorySize": "512000000",
      "@maxMemoryUsed": "70000000",
      "@initDuration": "99.5",
      "@xrayTraceId": "1-69d9e8b0-a1b2c3d4e5f60718293a4b5c",
      "@xraySegmentId": "0f1e2d3c4b5a6978",
      "@log": "123456789012:/aws/lambda/shop",
    },
  ]);
});

test("the classic question after memory that is paid for and not used", () => {
  const query = `filter @type = "REPORT"
    | stats max(@memorySize / 1000 / 1000) as provisonedMemoryMB,
        avg(@maxMemoryUsed / 1024 / 1024) as averageMiB,
        max(@maxMemoryUsed / 1000 / 1000) as maxMemoryUsedMB,
        provisonedMemoryMB - maxMemoryUsedMB as overProvisionedMB`;
  expect(asked(query, [`START RequestId: ${id} Version: $LATEST\n`, report])).toEqual([
    { provisonedMemoryMB: "512", averageMiB: "66.7572", maxMemoryUsedMB: "70", overProvisionedMB: "442" },
  ]);
});

test.each([
  [`START RequestId: ${id} Version: $LATEST\n`, { "@type": "START", "@requestId": id }],
  [`END RequestId: ${id}\n`, { "@type": "END", "@requestId": id }],
  [`2026-11-23T08:00:00.000Z\t${id}\tINFO\thello\n`, { "@requestId": id }],
  [`[INFO]\t2026-11-23T08:00:00.000Z\t${id}\thello\n`, { "@requestId": id }],
  [`plain RequestId: ${id}\n`, {}],
])("of %j the type and the request id are discovered", (message, found) => {
  expect(asked("fields @type, @requestId", [message])).toEqual([found]);
});

test("the first JSON object in a line is discovered, also between other text", () => {
  expect(column("fields a.b", [`2026\t${id}\tINFO\t{"a": {"b": "}"}} and {"a": 2}\n`])).toEqual(["}"]);
  expect(asked("fields a", ["{broken"])).toEqual([{}]);
});

test("rows of events have a pointer, rows of stats have none", () => {
  const [event] = events(["x"]);
  expect(eventFields(event as typeof event & object).get("@ptr")).toEqual(expect.any(String));
});

test.each([
  ["fields @timestamp, | limit 2", "unexpected symbol found | at line 1 and position 19", 19, 20],
  ["filtre x = 1", "unexpected symbol found filtre at line 1 and position 0", 0, 6],
  ["fields a\n| limit x", "unexpected symbol found x at line 2 and position 8", 17, 18],
  ["fields a b", "unexpected symbol found b at line 1 and position 9", 9, 10],
  ["filter a =", "the query ends too early at line 1 and position 10", 10, 10],
  ["fields a | pattern @message", "the command pattern is not supported here", 11, 18],
  ["fields jsonParse(@message)", "the function jsonParse is not supported here", 7, 17],
  ["filter count(*) > 1", "the function count is only for the command stats", 7, 13],
  ["stats count(*) by bin(5x)", "5x is no period", 22, 24],
  ["stats order by level", "every value of the command stats needs a function such as count, sum or avg", 6, 11],
  ["dedup a | sort a", "after the command dedup only limit may follow", 10, 16],
  ["limit 0", "limit must be from 1 to 100000", 6, 7],
  ["parse 'a * b *' as one", "the pattern of parse has 2 wildcards for 1 names", 6, 22],
  ["parse @message /a(b)/", "the regular expression of parse needs named groups, (?<name>…)", 6, 21],
  ["filter a like /(/", "the regular expression /(/ cannot be read", 14, 17],
  ["fields strlen(a, b)", "the function strlen does not take 2 arguments", 7, 19],
])("%j is malformed: %s", (query, message, startCharOffset, endCharOffset) => {
  const refused = (() => {
    try {
      return readQuery(query);
    } catch (error) {
      return error;
    }
  })();
  expect(refused).toBeInstanceOf(MalformedQuery);
  expect(refused).toMatchObject({ message, startCharOffset, endCharOffset });
});

test.each([
  [1395, "1395.0"],
  [1394.6, "1394.6"],
  [128_000_000, "1.28E8"],
  [79_000_000, "7.9E7"],
  [10_000_000, "1.0E7"],
  [0, "0.0"],
])("a record shows the number %d as %s", (number, text) => {
  expect(recorded(number)).toBe(text);
});
