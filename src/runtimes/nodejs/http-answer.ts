/** Reads HTTP/1.1 answers off a stream of bytes. */

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Head = Omit<HttpAnswer, "body">;

/** Gives a function that takes the bytes as they come, and calls `whenRead` with each whole answer. */
export function answerReader(whenRead: (answer: HttpAnswer) => void): (bytes: Buffer) => void {
  let pieces: Buffer[] = [];
  let size = 0;
  let head: Head | undefined;
  /** Bytes that must have come before it is worth looking again. */
  let needed = 0;

  return (bytes) => {
    pieces.push(bytes);
    size += bytes.length;
    if (size < needed) return;
    let all = pieces.length === 1 ? bytes : Buffer.concat(pieces);
    for (;;) {
      if (head === undefined) {
        const end = all.indexOf("\r\n\r\n");
        if (end < 0) break;
        const read = parseHead(all.toString("utf8", 0, end));
        all = all.subarray(end + 4);
        // An interim answer such as 100 is followed by the real one.
        if (read.status < 200) continue;
        head = read;
      }
      const body = bodyOf(head, all);
      if (typeof body === "number") {
        needed = body;
        break;
      }
      const answer = { ...head, body: body.text };
      head = undefined;
      all = all.subarray(body.length);
      needed = 0;
      whenRead(answer);
      if (all.length === 0) break;
    }
    pieces = all.length === 0 ? [] : [all];
    size = all.length;
  };
}

function parseHead(text: string): Head {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(statusLine.slice(9, 12)), headers };
}

/** The body at the start of `bytes`, or how many bytes there must be at least before it can be whole. */
function bodyOf({ headers }: Head, bytes: Buffer): { readonly text: string; readonly length: number } | number {
  if (headers["transfer-encoding"]?.toLowerCase() === "chunked") return chunkedBody(bytes);
  const length = Number(headers["content-length"] ?? 0);
  return bytes.length < length ? length : { text: bytes.toString("utf8", 0, length), length };
}

function chunkedBody(bytes: Buffer): { readonly text: string; readonly length: number } | number {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return bytes.length + 1;
    const size = Number.parseInt(bytes.toString("latin1", at, line), 16);
    const start = line + 2;
    if (size === 0) {
      // Trailers, if any, end with an empty line.
      const end = bytes.indexOf("\r\n\r\n", line);
      return end < 0 ? bytes.length + 1 : { text: Buffer.concat(chunks).toString("utf8"), length: end + 4 };
    }
    at = start + size + 2;
    if (bytes.length < at) return at;
    chunks.push(bytes.subarray(start, start + size));
  }
}
