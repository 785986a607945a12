/** `lambdarium traces`, and what `lambdarium invoke` shows of traces. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lambdarium, newDirectory } from "../fixtures/command-line.ts";
import { writeFiles } from "../fixtures/programs.ts";

const traceId = /1-[0-9a-f]{8}-[0-9a-f]{24}/;

function functionThat(body: string): string {
  return writeFiles(join(newDirectory(), "parcels"), {
    "index.mjs": `export const handler = async () => { ${body} };`,
  });
}

const invoke = (body: string, ...options: string[]) =>
  lambdarium(["invoke", "--sandbox", "process", "--timeout", "30", ...options, functionThat(body)]);

describe("lambdarium invoke", () => {
  test("[OBS-67] --tracing active shows the trace after the timeline, with why it failed", async () => {
    const { stderr } = await invoke('throw new RangeError("out of reach");', "--tracing", "active");
    const [, tree = ""] = stderr.split("\nTrace ");
    expect(tree).toMatch(traceId);
    expect(tree).toMatch(/parcels \(AWS::Lambda\) .* ok /);
    expect(tree).toMatch(/Invocation .* fault .*\n +RangeError: out of reach/);
  });

  test("[OBS-67] with --json it is a part of the document", async () => {
    const { stdout } = await invoke("return 1;", "--tracing", "active", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      traces: [{ id: expect.stringMatching(traceId), roots: [{ name: "parcels" }] }],
    });
  });

  test("[OBS-67] without it there is no trace", async () => {
    const { stderr, code } = await invoke("return 1;");
    expect(code).toBe(0);
    expect(stderr).not.toContain("\nTrace ");
  });
});

describe("lambdarium traces", () => {
  test("[OBS-85] lists what was kept, and shows one of them as a tree or as JSON", async () => {
    const data = join(newDirectory(), "data");
    await invoke("return 1;", "--tracing", "active", "--data-dir", data);
    const list = await lambdarium(["traces", "--data-dir", data]);
    expect(list.stdout).toMatch(/^1-\S+ {2}\S+Z +[\d.]+ ms {2}ok {2}parcels {2}5 segments\n$/);
    const [id = ""] = traceId.exec(list.stdout) as RegExpExecArray;
    const tree = await lambdarium(["traces", "--data-dir", data, id]);
    expect(tree.stdout.split("\n").map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      "Trace " + id,
      "parcels (AWS::Lambda)",
      "parcels (AWS::Lambda::Function)",
      "Initialization",
      "Invocation",
      "Overhead",
      "",
    ]);
    const json = await lambdarium(["traces", "--json", "--data-dir", data, id]);
    expect(JSON.parse(json.stdout)).toMatchObject({ id, roots: [{ children: [{ name: "parcels" }] }] });
  });

  test("says what is missing: the data, or the trace", async () => {
    const nowhere = await lambdarium(["traces", "--data-dir", join(newDirectory(), "nowhere")]);
    expect(nowhere.stderr).toContain("No logs, metrics or traces have been kept");
    const data = join(newDirectory(), "data");
    await invoke("return 1;", "--data-dir", data);
    const none = await lambdarium(["traces", "--data-dir", data]);
    expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining("No traces") });
    const unknown = await lambdarium(["traces", "--data-dir", data, "1-69d9e8b0-a1b2c3d4e5f60718293a4b5c"]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("There is no trace 1-69d9e8b0") });
  });
});
