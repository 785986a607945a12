import { expect, test } from "vitest";
import { payloadText } from "./payload-text.ts";

test.each([
  ["JSON as it is", '{"a":1.50,"big":12345678901234567890}', '{"a":1.50,"big":12345678901234567890}'],
  ["JSON of several lines on one", '{\n  "a": "x\\ny",\r\n  "b": 2\n}\n', '{ "a": "x\\ny", "b": 2 }'],
  ["text as a string", "plain\ntext", '"plain\\ntext"'],
  ["nothing as an empty string", "", '""'],
])("shows %s", (_, payload, shown) => {
  expect(payloadText(Buffer.from(payload))).toBe(shown);
});
