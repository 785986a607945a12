import { afterEach, beforeEach, expect, test } from "vitest";
import { type Got, openTestService, type TestService } from "../../../test/fixtures/service.ts";

let service: TestService;
beforeEach(async () => {
  service = await openTestService();
  await service.create("f", { Publish: true });
});
afterEach(() => service.close());

const arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
const tag = (Tags: object, resource = arn): Promise<Got> => service.call(`POST /2017-03-31/tags/${resource}`, { Tags });
const shown = async (): Promise<unknown> => (await service.call(`GET /2017-03-31/tags/${arn}`)).body.Tags;

test("[SVC-254] adds, replaces, shows and removes tags", async () => {
  expect((await tag({ a: "1", b: "2" })).status).toBe(204);
  expect((await tag({ b: "3", C: "" })).status).toBe(204);
  expect(await shown()).toEqual({ a: "1", b: "3", C: "" });
  expect((await service.call(`DELETE /2017-03-31/tags/${arn}?tagKeys=a&tagKeys=none`)).status).toBe(204);
  expect(await shown()).toEqual({ b: "3", C: "" });
});

test("[SVC-255] tags functions only", async () => {
  expect(await tag({ a: "1" }, `${arn}:1`)).toMatchObject({
    status: 400,
    body: { message: "Tags on function aliases and versions are not supported. Please specify a function ARN." },
  });
  const missing = "arn:aws:lambda:us-east-1:000000000000:function:none";
  expect(await tag({ a: "1" }, missing)).toMatchObject({
    status: 404,
    body: { Message: `Function not found: ${missing}` },
  });
  const other = await tag({ a: "1" }, "arn:aws:lambda:us-east-1:000000000000:layer:l");
  expect(other).toMatchObject({ status: 400, error: "ValidationException" });
  expect(other.body.message).toContain("at 'resource' failed to satisfy constraint");
});

test("[SVC-255] takes fifty tags and no more, and changes nothing then", async () => {
  const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, "v"]));
  await tag(fifty);
  expect(await tag({ k0: "w", more: "v" })).toMatchObject({
    status: 400,
    body: { message: "Number of tags exceeds resource tag limit." },
  });
  expect(await shown()).toEqual(fifty);
  expect((await tag({ k0: "w" })).status).toBe(204);
});

test.each([{ "": "x" }, { ["k".repeat(129)]: "x" }, { k: "x".repeat(257) }, { "aws:k": "x" }, {}])(
  "[SVC-256] refuses the tags %j",
  async (tags) => {
    expect((await tag(tags)).status).toBe(400);
    expect(await shown()).toEqual({});
  },
);

test("[SVC-256] keeps the case and the longest keys and values, and wants keys to remove", async () => {
  const tags = { Team: "A", team: "b", ["k".repeat(128)]: "x".repeat(256) };
  await tag(tags);
  expect(await shown()).toEqual(tags);
  const got = await service.call(`DELETE /2017-03-31/tags/${arn}`);
  expect(got).toMatchObject({ status: 400, error: "ValidationException" });
  expect(got.body.message).toContain("Value null at 'tagKeys' failed to satisfy constraint: Member must not be null");
});
