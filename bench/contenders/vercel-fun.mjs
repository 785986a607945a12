// The peer from the npm registry. It is no dependency of ours: the benchmark installs it into an ignored folder.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const version = "1.3.6";
const folder = fileURLToPath(new URL("../../.clients/vercel-fun/", import.meta.url));

/** The contender, or why it cannot be had. */
export function vercelFun() {
  try {
    const { createFunction } = install();
    return { contender: contender(createFunction) };
  } catch (error) {
    return { reason: `@vercel/fun@${version} cannot be had: ${String(error.message).split("\n")[0]}` };
  }
}

function install() {
  if (!existsSync(`${folder}node_modules/@vercel/fun`)) {
    mkdirSync(folder, { recursive: true });
    execFileSync("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", `@vercel/fun@${version}`], {
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 60_000,
    });
  }
  return createRequire(folder)("@vercel/fun");
}

const contender = (createFunction) => ({
  name: `@vercel/fun ${version}`,
  takesExtensions: false,
  async start({ functionDirectory }) {
    const created = await createFunction({
      Code: { Directory: functionDirectory },
      Handler: "index.handler",
      Runtime: "nodejs",
    });
    return {
      async invoke(payload) {
        await created.invoke({ InvocationType: "RequestResponse", Payload: payload });
        // It asks nobody whether the runtime is done: with the answer, it stops the process.
        return performance.now();
      },
      stop: () => created.destroy(),
    };
  },
});
