/** What can be done to a body on its way: look at it, change it piece by piece, or take it whole. */
import { Transform } from "node:stream";

/** Sees each piece as it passes, and the end; changes nothing and holds nothing up. */
export const observing = (see: (piece: Buffer) => void, end: () => void = () => undefined): Transform =>
  new Transform({
    transform(piece: Buffer, _, done) {
      see(piece);
      done(null, piece);
    },
    flush(done) {
      end();
      done();
    },
  });

/**
 * Gives the whole body to `change` and passes on what comes back. It waits for the end of the body: where a response is
 * streamed it is streamed no more. A body that `change` throws at passes as it was.
 */
export function changingWhole(change: (body: Buffer) => Buffer | string | Promise<Buffer | string>): Transform {
  const pieces: Buffer[] = [];
  return new Transform({
    transform(piece: Buffer, _, done) {
      pieces.push(piece);
      done();
    },
    flush(done) {
      void changed(Buffer.concat(pieces), change)
        .then((body) => this.push(body), ignore)
        .finally(done);
    },
  });
}

async function changed(body: Buffer, change: (body: Buffer) => Buffer | string | Promise<Buffer | string>) {
  try {
    return await change(body);
  } catch {
    return body;
  }
}

const ignore = (): void => undefined;

/** As `changingWhole`, for JSON. A body that is none passes as it was. */
export const changingJson = (change: (value: unknown) => unknown): Transform =>
  changingWhole(async (body) => JSON.stringify(await change(JSON.parse(body.toString("utf8")))));
