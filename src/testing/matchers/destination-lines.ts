/** What came to a fake destination, for whoever reads why a test failed. */
import type { FakeDestination } from "../destinations/fake-destination.ts";
import { short } from "./shape.ts";
import { lastOf, section } from "./verdict.ts";

type Looked = Pick<FakeDestination, "received" | "requests" | "name">;

const mostRecords = 20;
const mostRequests = 10;

export function destinationLines({ name, received, requests }: Looked): readonly string[] {
  const records = received.map((record, at) => `${at + 1}. ${short(record)}`);
  return [
    ...section(
      `${name} received ${received.length === 0 ? "nothing" : count(received.length, "record")}:`,
      received.length === 0 && requests.length === 0 ? ["not one request came"] : lastOf(records, mostRecords),
    ),
    ...section(`requests to ${name}:`, lastOf(requests.map(requestLine), mostRequests)),
  ];
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

function requestLine({ method, path, records, status, problem }: FakeDestination["requests"][number]): string {
  const answer = status === undefined ? "no whole answer" : String(status);
  return `${method} ${path}, ${count(records, "record")}: ${answer}${problem === undefined ? "" : `, ${problem}`}`;
}
