import { expect, test } from "vitest";
import { headerText } from "./exchange.ts";

test("plain text stands in a header as it is", () => {
  expect(headerText("arn:aws:lambda:us-east-1:1:function:f\t<>")).toBe("arn:aws:lambda:us-east-1:1:function:f\t<>");
});

test.each(["\r\nX-Other: 1", "a\u0000b", "\u007f", "\u001b[31m", "line\nline"])(
  "no control character can leave its header: %j",
  (text) => {
    expect(headerText(text)).toMatch(/^[\t\u0020-\u007e]*$/);
    expect(headerText(text)).toHaveLength(text.length);
  },
);

test("other characters stand in a header as UTF-8", () => {
  expect(Buffer.from(headerText("Läden €"), "latin1").toString("utf8")).toBe("Läden €");
});
