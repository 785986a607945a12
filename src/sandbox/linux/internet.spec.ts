import { Resolver } from "node:dns/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { commandLines, linuxForTests, shell, workshops } from "../../../test/contract/linux-sandbox.ts";
import { findPasta } from "./internet.ts";

const linux = await linuxForTests();
const host = "registry.npmjs.org";
const isOnline = await new Resolver({ timeout: 1000, tries: 1 }).resolve4(host).then(
  () => true,
  () => false,
);
const hasPasta = findPasta() !== undefined;

describe.skipIf([linux.missing, !hasPasta].some(Boolean))(`internet (takes pasta): ${linux.title}`, () => {
  const open = workshops(linux.driver);

  test.skipIf(!isOnline)(
    "[ENV-100] lets outgoing TCP and UDP through when asked (takes a machine that is online)",
    async () => {
      const workshop = await open({ network: "internet" });
      const udp = `require("dns").resolve4("${host}", (error) => console.log(error === null))`;
      const tcp = `require("net").connect(443, "${host}").once("connect", () => process.exit(9))`;
      expect((await shell(workshop, `node -e '${udp}'`)).text).toBe("true");
      expect((await shell(workshop, `node -e '${tcp}'`)).exit).toMatchObject({ code: 9 });
    },
  );

  test("ends with the sandbox", async () => {
    const workshop = await open({ network: "internet" });
    const ways = (): readonly string[] => commandLines().filter((text) => text.includes(workshop.id));
    expect(ways().some((text) => text.includes("pasta"))).toBe(true);
    await workshop.sandbox.destroy();
    await expect.poll(ways, { timeout: 10_000 }).toEqual([]);
  });

  test("never leads to the host's own loopback services, and keeps the sandbox's names and ports", async () => {
    const server = createServer((_, response) => response.end("host"));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const workshop = await open({ network: "internet" });
    const gateway =
      "$(printf '%d.%d.%d.%d' $(awk '$2 == \"00000000\" { print $3 }' /proc/net/route | sed 's/../0x& /g' | awk '{ print $4, $3, $2, $1 }'))";
    const call = `node -e 'const s = require("net").connect(${port}, process.argv[1]);
      s.once("connect", () => { console.log("reached"); process.exit() }); s.once("error", () => process.exit());
      setTimeout(() => process.exit(), 1000)'`;
    const { text } = await shell(
      workshop,
      `for address in 127.0.0.1 ${gateway}; do ${call} "$address"; done; echo tried`,
    );
    expect(text).toBe("tried");
    expect((await shell(workshop, "getent hosts machine.lambdarium.internal")).exit.code).not.toBe(0);
    const listener = await workshop.start("serve-on.mjs", ["sandbox", String(port)]);
    expect(await listener.until(/.+\n/u)).toBe(`${port}\n`);
    server.close();
  });

  test("leads to the host's own loopback services when asked, by a name, and never by loopback itself", async () => {
    const server = createServer((_, response) => response.end("host"));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const workshop = await open({ network: "machine" });
    const call = (name: string): string =>
      `node -e 'fetch("http://${name}:${port}").then((answer) => answer.text(), (error) => error.cause.code).then(console.log)'`;
    const { text } = await shell(workshop, `${call("machine.lambdarium.internal")}; ${call("127.0.0.1")}`);
    server.close();
    expect(text.split("\n")).toEqual(["host", "ECONNREFUSED"]);
    expect((await shell(workshop, "getent hosts sandbox.localdomain")).text).toMatch(/^127\.0\.0\.1 /u);
  });
});
