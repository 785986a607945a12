import { expect, test } from "vitest";
import { answerReader, type HttpAnswer } from "./http-answer.ts";

const plain =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Word:  grün\r\nContent-Length: 13\r\n\r\n{"a":"ü€"}';
const empty = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
const chunked =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";
const interim = `HTTP/1.1 100 Continue\r\n\r\n${empty}`;

const wanted = {
  plain: {
    status: 200,
    headers: { "content-type": "application/json", "x-word": "grün", "content-length": "13" },
    body: '{"a":"ü€"}',
  },
  empty: { status: 202, headers: { "content-length": "0" }, body: "" },
  chunked: { status: 200, headers: { "transfer-encoding": "chunked" }, body: "abc0123456789" },
};

test.each([
  ["a plain answer", plain, [wanted.plain]],
  ["an answer without body", empty, [wanted.empty]],
  ["a chunked answer with trailers", chunked, [wanted.chunked]],
  ["an interim answer before the real one", interim, [wanted.empty]],
  ["several answers", plain + chunked + empty, [wanted.plain, wanted.chunked, wanted.empty]],
])("reads %s, in whatever pieces it comes", (_case, text, answers) => {
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size += 1) {
    const read: HttpAnswer[] = [];
    const take = answerReader((answer) => read.push(answer));
    for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
    expect(read).toEqual(answers);
  }
});
