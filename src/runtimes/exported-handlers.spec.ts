import { expect, test } from "vitest";
import { handlersInNodeSource, handlersInPythonSource } from "./exported-handlers.ts";

test.each([
  "exports.handler = async () => {};",
  "module.exports.handler = function () {};",
  "exports['handler'] = () => 1;",
  "const other = 1;\nmodule.exports = { other, handler };",
  "export const handler = async () => {};",
  "export async function handler(event) {}",
  "export { main as handler };",
  "export { handler };",
  "__export(index_exports, {\n  handler: () => handler\n});",
  "Object.defineProperty(exports, 'handler', { get: () => 1 });",
])("sees that %j exports handler", (source) => {
  expect(handlersInNodeSource(source)).toEqual(["handler"]);
});

test.each([
  "const handler = 1;",
  "exports.handlers = 1;",
  "if (exports.handler === 1) {}",
  "export const aHandler = 1;",
])("does not take %j for an exported handler", (source) => {
  expect(handlersInNodeSource(source)).toEqual([]);
});

test.each([
  ["def lambda_handler(event, context):\n    pass", ["lambda_handler"]],
  ["async def handler(event, context): pass", ["handler"]],
  ["app = App()\nhandler = Mangum(app)", ["handler"]],
  ["from work import lambda_handler", ["lambda_handler"]],
  ["class A:\n    def handler(self): pass", []],
  ["handler == 1", []],
])("reads off %j the handlers %j", (source, expected) => {
  expect(handlersInPythonSource(source)).toEqual(expected);
});
