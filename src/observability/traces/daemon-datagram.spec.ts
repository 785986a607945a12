import { expect, test } from "vitest";
import { daemonDatagram, readDatagram } from "./daemon-datagram.ts";

const read = (text: string) => readDatagram(Buffer.from(text));

test("[OBS-79] a header, a line feed, and the document", () => {
  expect(read('{"format":"json","version":1}\n{"id":"é"}')).toBe('{"id":"é"}');
  expect(read('{"format":"json","version":1}\n{"id":1}\n')).toBe('{"id":1}');
  expect(readDatagram(daemonDatagram('{"id":1}'))).toBe('{"id":1}');
});

test.each([
  '{"format":"JSON","version":1}\n{}',
  '{ "version" : 1, "format" : "Json", "more": true }\n{}',
  '{"format":"json","version":1.0}\n{}',
])("[OBS-80] format is compared without case: %j", (text) => {
  expect(read(text)).toBe("{}");
});

test.each([
  "",
  "{}",
  '{"format":"json","version":1}',
  '{"format":"json","version":1}{}',
  '{"format":"json","version":1}\n',
  '{"format":"json","version":1}\n \n',
  '{"format":"json","version":"1"}\n{}',
  '{"format":"json","version":2}\n{}',
  '{"format":"json"}\n{}',
  '{"version":1}\n{}',
  '{"format":"xml","version":1}\n{}',
  "nonsense\n{}",
  "null\n{}",
  "\n{}",
])("[OBS-80] anything else is dropped: %j", (text) => {
  expect(read(text)).toBeUndefined();
});
