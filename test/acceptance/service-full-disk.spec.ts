/** The service when the disk under its data directory is full: what is answered is true, and it goes on when there is room again. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { role, zip } from "../fixtures/service.ts";
import { endServices, mounting, type ServiceProcess, startServiceOn } from "../fixtures/service-process.ts";
import { eventually } from "../fixtures/environment-readings.ts";

const room = realpathSync(mkdtempSync(join(tmpdir(), "lambdarium-full-")));
afterEach(endServices);
afterAll(() => rmSync(room, { recursive: true, force: true }));

const newDirectory = (): string => mkdtempSync(join(room, "data-"));

/** The directory as the service sees it. */
const seenBy = ({ pid }: ServiceProcess, directory: string): string => join(`/proc/${pid}/root`, directory);

async function call(service: ServiceProcess, route: string, body: object = {}, headers = {}) {
  const [method = "", path = ""] = route.split(" ");
  const sent = method === "GET" ? {} : { body: JSON.stringify(body) };
  const response = await fetch(service.endpoint + path, { method, headers, ...sent });
  return { status: response.status, error: response.headers.get("x-amzn-errortype"), text: await response.text() };
}

const functionNamed = async (FunctionName: string, files: Record<string, string> = {}): Promise<object> => ({
  FunctionName,
  Role: role,
  Runtime: "nodejs20.x",
  Handler: "index.handler",
  Code: { ZipFile: await zip({ "index.js": "exports.handler = async () => 'ran';", ...files }) },
});

const incompressible = (bytes: number): string => randomBytes(bytes / 2).toString("hex");
const noSpace = { status: 500, error: "ServiceException" };
const why = mounting === undefined ? " (skipped: this user may not mount, so there is no small disk)" : "";

describe.skipIf(mounting === undefined)(`on a full disk${why}`, () => {
  test("[SVC-150] a package that does not fit is refused and leaves nothing behind, and what is there goes on", async () => {
    const directory = newDirectory();
    const service = await startServiceOn(directory, { diskSize: "6m" });
    await call(service, "POST /2015-03-31/functions", await functionNamed("there"));
    const code = join(seenBy(service, directory), "code");
    const before = readdirSync(code);
    const large = { "data.txt": incompressible(8_000_000) };
    for (const [route, body] of [
      ["POST /2015-03-31/functions", await functionNamed("large", large)],
      ["PUT /2015-03-31/functions/there/code", { ZipFile: await zip(large) }],
      ["POST /2018-10-31/layers/large/versions", { Content: { ZipFile: await zip(large) } }],
    ] as const) {
      const refused = await call(service, route, body);
      expect(refused).toMatchObject(noSpace);
      expect(refused.text).toMatch(/disk|space/u);
      expect(readdirSync(code)).toEqual(before);
    }
    expect(await call(service, "GET /2015-03-31/functions/large")).toMatchObject({ status: 404 });
    expect(await call(service, "GET /2018-10-31/layers")).toMatchObject({ text: '{"Layers":[]}' });
    expect(await call(service, "POST /2015-03-31/functions/there/invocations")).toMatchObject({ text: '"ran"' });
    await service.end("SIGTERM");
  });

  test("[SVC-138] [SVC-168] no event and no change is accepted that cannot be kept, calls that wait are served, and all is well when there is room", async () => {
    const directory = newDirectory();
    const service = await startServiceOn(directory, { diskSize: "6m" });
    await call(service, "POST /2015-03-31/functions", await functionNamed("there"));
    const filler = join(seenBy(service, directory), "filler");
    const event = (): ReturnType<typeof call> =>
      call(
        service,
        "POST /2015-03-31/functions/there/invocations",
        // More than what a database has left in its last page.
        { text: "x".repeat(100_000) },
        { "x-amz-invocation-type": "Event" },
      );
    const tag = (): ReturnType<typeof call> =>
      call(service, "PUT /2015-03-31/functions/there/configuration", {
        Environment: { Variables: { LONG: incompressible(3000) } },
      });
    // The log of a database may have some room left: until nothing fits any more.
    await eventually(async () => {
      writeToTheEnd(filler);
      expect([await event(), await tag()]).toMatchObject([noSpace, noSpace]);
    });
    expect(await call(service, "POST /2015-03-31/functions/there/invocations")).toMatchObject({ text: '"ran"' });
    rmSync(filler);
    await eventually(async () =>
      expect([await event(), await tag()]).toMatchObject([{ status: 202 }, { status: 200 }]),
    );
    const queue = async (): Promise<unknown> => JSON.parse((await call(service, "GET /_local/queue")).text);
    await eventually(async () => expect(await queue()).toEqual({ events: [] }));
    await service.end("SIGTERM");
  });

  test("a start is refused that has no room for its state, with what is full", async () => {
    await expect(startServiceOn(newDirectory(), { diskSize: "16k" })).rejects.toThrow(/disk .*full/u);
  });
});

function writeToTheEnd(file: string): void {
  for (const bytes of [1_000_000, 100_000, 4096])
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: "a" });
    } catch {
      // That was the end.
    }
}
