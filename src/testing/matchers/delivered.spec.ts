import { describe, expect, test } from "vitest";
import { deliveryProblem } from "./delivered.ts";
import { mismatch, type Shape } from "./shape.ts";

describe("a shape", () => {
  test.each<readonly [unknown, Shape]>([
    [{ a: 1, b: 2 }, { a: 1 }],
    [{ a: { b: "text", c: 1 } }, { a: { b: "text" } }],
    [{ a: { b: "text" } }, "ex"],
    [["x", { deep: "needle" }], /NEEDLE/i],
    [{ a: "text" }, { a: /^t/g }],
    [{ a: 5 }, { a: (value: number) => value > 4 }],
    [{ a: [1, { b: 2, c: 3 }] }, { a: [1, { b: 2 }] }],
    [{ a: "x" }, { a: expect.any(String) }],
    [{ a: { b: 1 } }, expect.objectContaining({ a: expect.anything() })],
    [{ a: new Date(5) }, { a: new Date(5) }],
    [7, (value: number) => value === 7],
  ])("%j fits %s", (actual, shape) => {
    expect(mismatch(actual, shape)).toBeUndefined();
  });

  test.each<readonly [unknown, Shape, string]>([
    [{ a: 1 }, { a: 2 }, "a: 1 is not 2"],
    [{ a: { b: 1 } }, { a: { b: { c: 1 } } }, "a.b: 1 is no object"],
    [{ a: "text" }, { a: "tex" }, 'a: "text" is not "tex"'],
    [{ a: [1, 2] }, { a: [1] }, "a: [1,2] is not [1]"],
    [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }, "a[0].b: 1 is not 2"],
    [{}, { a: undefined, b: 1 }, "b: nothing is not 1"],
    [{ a: 3 }, { a: expect.any(String) }, "a: 3 is not what Any String wants"],
    [{ a: 3 }, { a: /x/ }, "a: 3 does not match /x/"],
    ["text", "other", "does not contain it"],
  ])("%j does not fit %s: %s", (actual, shape, why) => {
    expect(mismatch(actual, shape)).toBe(why);
  });
});

describe("what was delivered", () => {
  const records = ["a", "b", "a", "c"];

  test.each<readonly [readonly Shape[], Parameters<typeof deliveryProblem>[2]]>([
    [["a", "b", "c"], {}],
    [["b", "a"], {}],
    [["a", "a"], {}],
    [["c", "b"], { order: "any" }],
    [["a"], { times: 2 }],
    [["x"], { times: 0 }],
    [["a", "b", "c"], { times: undefined as never, order: "any", only: false }],
    [["a", "b", "a", "c"], { only: true }],
  ])("%j with %j is so", (expected, options) => {
    expect(deliveryProblem(records, expected, options)).toEqual([]);
  });

  test.each<readonly [readonly Shape[], Parameters<typeof deliveryProblem>[2], string]>([
    [["x"], {}, '"x": did not come'],
    [["c", "b"], {}, '"b": came, but not after "c"'],
    [["b", "b"], { order: "any" }, '"b": came fewer times than it is listed'],
    [["a"], { times: 1 }, '"a": came 2 times, 1 wanted'],
    [["b"], { times: 2 }, '"b": came once, 2 wanted'],
    [["b"], { times: 0 }, '"b": came once, 0 wanted'],
    [["x"], { times: 1 }, '"x": did not come, 1 wanted'],
    [["a", "b"], { only: true }, 'beside those 2 more came, such as "a"'],
  ])("%j with %j is not so: %s", (expected, options, problem) => {
    expect(deliveryProblem(records, expected, options)).toEqual([problem]);
  });

  test("the record that comes nearest is told with where it differs", () => {
    const reports = [{ type: "start" }, { type: "report", status: "error" }];
    expect(deliveryProblem(reports, [{ type: "report", status: "success" }], {})).toEqual([
      '{"type":"report","status":"success"}: did not come; nearest: status: "error" is not "success"',
    ]);
  });
});
