/** The `_bulk` API of Elasticsearch and OpenSearch: a line that says what to do, a line with the document. */
import { json, type WireFormat } from "../wire-format.ts";

export interface ReceivedDocument {
  readonly index: string;
  /** Absent where the back end is to choose one. */
  readonly id?: string;
  readonly action: "create" | "index";
  readonly document: Readonly<Record<string, unknown>>;
}

/** One fake has its own ids: a document is created once. */
export function elasticsearch(variable = "ELASTICSEARCH_URL"): WireFormat<ReceivedDocument> {
  const ids = new Set<string>();
  return {
    variables: (url) => ({ [variable]: url }),
    read: ({ method, path, body }) => {
      if (!path.endsWith("/_bulk")) {
        const info = { name: "fake", version: { number: "8.0.0" }, tagline: "You Know, for Search" };
        return { kind: "call", answer: json(200, method === "GET" ? info : { acknowledged: true }, product) };
      }
      const [, ofPath = ""] = /^\/(.+)\/_bulk$/.exec(path) ?? [];
      const documents = documentsIn(body.toString("utf8"), decodeURIComponent(ofPath));
      const known = documents.map((each) => each.action === "create" && has(ids, each));
      const records = documents.filter((_, at) => known[at] !== true);
      return {
        kind: "records",
        records,
        answer: (rejected) => {
          const refused = new Set([...rejected].map((at) => records[at]));
          for (const record of records) if (!refused.has(record)) remember(ids, record);
          const items = documents.map((document, at) =>
            item(document, known[at] ? 409 : refused.has(document) ? 429 : 201),
          );
          return json(200, { took: 1, errors: refused.size > 0 || known.includes(true), items }, product);
        },
      };
    },
    failure: (status, why) => json(status, { error: { type: "fake", reason: why }, status }, product),
  };
}

/** The official client talks to nothing that does not say this of itself. */
const product = { "x-elastic-product": "Elasticsearch" };

interface Action {
  readonly _index?: string;
  readonly _id?: string;
}

function documentsIn(text: string, index: string): readonly ReceivedDocument[] {
  if (!text.endsWith("\n")) throw new Error("the bulk request must be terminated by a newline");
  const lines = text.split("\n").slice(0, -1);
  const documents: ReceivedDocument[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [[action, about] = ["", {}]] = Object.entries(JSON.parse(lines[at] ?? "") as Record<string, Action>);
    if (action !== "create" && action !== "index") throw new Error(`this fake has no bulk action ${action}`);
    const document = JSON.parse(lines[at + 1] ?? "") as Record<string, unknown>;
    documents.push({
      index: about._index ?? index,
      ...(about._id === undefined ? {} : { id: about._id }),
      action,
      document,
    });
  }
  return documents;
}

const keyOf = ({ index, id }: ReceivedDocument): string => `${index}/${id}`;
const has = (ids: ReadonlySet<string>, one: ReceivedDocument): boolean => one.id !== undefined && ids.has(keyOf(one));
const remember = (ids: Set<string>, one: ReceivedDocument): void => {
  if (one.id !== undefined) ids.add(keyOf(one));
};

const errorTypes: Readonly<Record<number, string>> = {
  409: "version_conflict_engine_exception",
  429: "es_rejected_execution_exception",
};

const item = ({ action, index, id }: ReceivedDocument, status: number) => ({
  [action]: {
    _index: index,
    _id: id ?? "chosen",
    status,
    ...(status === 201 ? { result: "created" } : { error: { type: errorTypes[status], reason: "rejected" } }),
  },
});
