// `npm run demo`: a function and its extensions through their whole life, without network and in a few seconds.
import { spawn } from "node:child_process";
import { accessSync, constants as access } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const onWindows = process.platform === "win32";

const extensions = [
  { file: "examples/extensions/telemetry-node/telemetry-node.ts", language: "TypeScript", missing: nodeProblem() },
  { file: "examples/extensions/python/python-extension", language: "Python", missing: pythonProblem() },
  { file: "examples/extensions/shell/shell-extension", language: "shell", missing: shellProblem() },
];

const events = ["Ada", "Grace", "Barbara"].map((name) => JSON.stringify({ name }));
const taken = extensions.filter(({ missing }) => missing === undefined);
const invocation = [
  "invoke",
  "examples/functions/hello-node",
  ...events.flatMap((event) => ["--event", event]),
  ...taken.flatMap(({ file }) => ["--extension", file]),
];

say(`One function, ${taken.length} extensions, ${events.length} invocations.`);
for (const { language, missing } of extensions)
  if (missing !== undefined) say(`Without the ${language} extension: ${missing}.`);
say("The same by hand:\n");
say(`  node dist/cli/main.js ${invocation.map(quoted).join(" ")}\n`);

const run = spawn(process.execPath, ["dist/cli/main.js", ...invocation], { cwd: root, stdio: "inherit" });
// Ctrl-C reaches both of us, and the one that runs knows how to end; SIGTERM reaches only us.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => run.kill("SIGTERM"));
run.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal];
  if (code !== 0) return;
  say("\nWhat the extensions cost at each memory size: the same with `compare` in place of `invoke`.");
  say("Next: look into examples/, or run `node dist/cli/main.js invoke --help`.");
});

/** Extensions see the sandbox's own PATH, not the one of this shell. */
function inSandbox(program) {
  return ["/usr/local/bin", "/usr/bin", "/bin"].map((folder) => path.join(folder, program)).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, access.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first line of a script is no program to Windows. */
function nodeProblem() {
  return onWindows ? "Windows does not run scripts by their first line" : undefined;
}

function pythonProblem() {
  if (onWindows) return "Windows does not run scripts by their first line";
  const python = inSandbox("python3");
  if (python === undefined) return "there is no python3 in /usr/local/bin or /usr/bin";
  // What macOS has at that place without its developer tools is a program that offers to install them.
  const tools = ["/Library/Developer/CommandLineTools/usr/bin/python3", "/Applications/Xcode.app"];
  if (process.platform === "darwin" && python === "/usr/bin/python3" && !tools.some(isExecutable))
    return "Python comes with Apple's command line tools, and they are not installed";
  return undefined;
}

function shellProblem() {
  if (onWindows) return "Windows has no POSIX shell";
  return inSandbox("curl") === undefined ? "it needs curl, and there is none in /usr/local/bin or /usr/bin" : undefined;
}

function quoted(argument) {
  return /^[\w./-]+$/.test(argument) ? argument : `'${argument}'`;
}

function say(text) {
  console.log(text);
}
