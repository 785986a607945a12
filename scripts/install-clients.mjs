// Installs the foreign clients of test/clients into .clients, each with its own package manager, and builds the
// functions and extensions that use them. What is there already, from the same files, is left alone.
//
//   node scripts/install-clients.mjs [NAME…]
//
// A client whose tools are missing is recorded as such: its tests are skipped with that reason, or fail when CI is set.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildLoki, downloadLoki } from "./build-loki.mjs";
import { findAwsCli2 } from "./find-aws-cli-2.mjs";
import { pinRustSources } from "./pin-rust-sources.mjs";

const sources = fileURLToPath(new URL("../test/clients/", import.meta.url));
const installed = fileURLToPath(new URL("../.clients/", import.meta.url));

const npmCi = ["npm", "ci", "--no-audit", "--no-fund", "--engine-strict=false"];
const pip = ["python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"];
const pipOptions = ["--root-user-action", "ignore", "--upgrade", "--requirement", "requirements.txt"];
const pipInstall = (target) => [...pip, ...pipOptions, "--target", target];
const npmManifests = ["package.json", "package-lock.json"];

/** `fetch` runs again when a manifest changed, `build` when any file did. */
const clients = [
  { name: "sentry", tools: ["npm"], manifests: npmManifests, fetch: [[...npmCi, "--ignore-scripts"]] },
  {
    name: "serverless-otel",
    tools: ["npm"],
    manifests: npmManifests,
    fetch: [[...npmCi, "--ignore-scripts"]],
  },
  { name: "aws-layer", tools: ["npm"], manifests: npmManifests, fetch: [[...npmCi, "--ignore-scripts"]] },
  { name: "vercel-fun", tools: ["npm", "python3"], manifests: npmManifests, fetch: [[...npmCi, "--ignore-scripts"]] },
  { name: "powertools", tools: ["npm"], manifests: npmManifests, fetch: [[...npmCi, "--ignore-scripts"]] },
  { name: "jest", tools: ["npm"], manifests: npmManifests, fetch: [[...npmCi, "--ignore-scripts"]] },
  { name: "xray", tools: ["npm"], manifests: npmManifests, fetch: [[...npmCi, "--ignore-scripts"]] },
  // Their native parts are compiled here.
  { name: "aws-node", tools: ["npm", "cmake", "g++", "make"], manifests: npmManifests, fetch: [npmCi] },
  {
    name: "aws-node-3",
    tools: ["npm", "cmake", "g++", "make", "autoconf", "automake", "libtoolize"],
    manifests: npmManifests,
    fetch: [npmCi],
  },
  {
    name: "aws-python",
    tools: ["python3"],
    manifests: ["requirements.txt"],
    fetch: [pipInstall("function")],
  },
  // The AWS CLI and boto3, for the APIs that are served here.
  { name: "aws-cli", tools: ["python3"], manifests: ["requirements.txt"], fetch: [pipInstall("python")] },
  // An S3 server that is no imitation: it checks signatures and checksums.
  {
    name: "s3-server",
    tools: ["go"],
    manifests: ["go.mod", "go.sum"],
    fetch: [["go", "mod", "download"]],
    build: [["go", "build", "-mod=readonly", "-o", "versitygw", "github.com/versity/versitygw/cmd/versitygw"]],
  },
  // Whom to forward to: an OTLP receiver made of OpenTelemetry's own definitions, and moto's imitation of AWS.
  { name: "receivers", tools: ["python3"], manifests: ["requirements.txt"], fetch: [pipInstall("python")] },
  { name: "aws-cli-2", tools: ["python3"], manifests: [], fetch: [findAwsCli2] },
  // Tools that deploy: SAM, CDK, and the Serverless framework as it is kept up.
  { name: "aws-sam", tools: ["python3"], manifests: ["requirements.txt"], fetch: [pipInstall("python")] },
  { name: "aws-cdk", tools: ["npm"], manifests: npmManifests, fetch: [[...npmCi, "--ignore-scripts"]] },
  { name: "osls", tools: ["npm"], manifests: npmManifests, fetch: [[...npmCi, "--ignore-scripts"]] },
  {
    name: "aws-go",
    tools: ["go"],
    manifests: ["go.mod", "go.sum"],
    fetch: [["go", "mod", "download"]],
    build: [["go", "build", "-mod=readonly", "-o", "function/bootstrap", "."]],
    // Statically linked, so that it also shows that nothing is preloaded into it (ENV-149).
    variables: { CGO_ENABLED: "0" },
  },
  {
    name: "aws-go-sdk",
    tools: ["go"],
    manifests: ["go.mod", "go.sum"],
    fetch: [["go", "mod", "download"]],
    build: [["go", "build", "-mod=readonly", "-o", "client", "."]],
    variables: { CGO_ENABLED: "0" },
  },
  {
    name: "aws-rust",
    tools: ["cargo", "cc"],
    manifests: ["Cargo.toml", "Cargo.lock"],
    build: [pinRustSources, ["cargo", "build", "--quiet", "--locked"]],
  },
  {
    name: "aws-java",
    tools: ["mvn", "java", "javac"],
    manifests: ["pom.xml"],
    fetch: [["mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies", "-DoutputDirectory=function/lib"]],
    build: [["javac", "-d", "function/classes", "-cp", "function/lib/*", "Function.java"]],
  },
  // Back ends that the toolkit's destinations deliver to.
  {
    name: "opensearch",
    tools: ["mvn", "java", "javac"],
    manifests: ["pom.xml"],
    fetch: [["mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies", "-DoutputDirectory=lib"]],
    build: [["javac", "-d", "classes", "-cp", "lib/*", "Server.java"]],
  },
  {
    name: "loki",
    tools: ["go"],
    manifests: ["go.mod", "go.sum"],
    fetch: [["go", "mod", "download", "github.com/grafana/loki/v3"], downloadLoki],
    build: [buildLoki],
  },
  // Real brokers for the destinations of the toolkit.
  {
    name: "nats-server",
    tools: ["go"],
    manifests: ["go.mod", "go.sum"],
    fetch: [["go", "mod", "download"]],
    build: [["go", "build", "-mod=readonly", "-o", "nats-server", "github.com/nats-io/nats-server/v2"]],
    variables: { CGO_ENABLED: "0" },
  },
  {
    name: "kafka",
    tools: ["mvn", "java", "javac", "keytool"],
    manifests: ["pom.xml"],
    fetch: [["mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies", "-DoutputDirectory=lib"]],
    build: [["javac", "-d", "classes", "-cp", "lib/*", "Topics.java"]],
  },
];

const wanted = process.argv.slice(2);
const chosen = clients.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
for (const client of chosen) install(client);

function install(client) {
  const source = join(sources, client.name);
  const target = join(installed, client.name);
  const manifests = hashOf(
    client,
    client.manifests.map((file) => join(source, file)),
  );
  const everything = hashOf(client, filesBelow(source));
  const before = readState(target);
  if (before.everything === everything && before.obstacle === undefined) {
    console.log(`${client.name}: is there`);
    return;
  }
  const missing = client.tools.filter((tool) => !isOnPath(tool));
  if (missing.length > 0) {
    const obstacle = `this machine lacks ${missing.join(", ")}`;
    console.log(`${client.name}: cannot be installed, ${obstacle}`);
    writeState(target, { obstacle });
    return;
  }
  const began = Date.now();
  const fetched = before.manifests === manifests;
  if (!fetched) rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  cpSync(source, target, { recursive: true });
  const fetching = fetched ? [] : (client.fetch ?? []);
  for (const step of [...fetching, ...(client.build ?? [])]) {
    // A registry may be out of reach for a moment; a compiler that fails will fail again.
    const problem = carryOut(step, target, client, fetching.includes(step) ? 3 : 1);
    if (problem === undefined) continue;
    console.log(`${client.name}: ${problem}`);
    writeState(target, { obstacle: problem });
    return;
  }
  writeState(target, { manifests, everything });
  console.log(`${client.name}: installed in ${Math.round((Date.now() - began) / 1000)} s`);
}

function carryOut(step, target, client, tries) {
  const problem = typeof step === "function" ? step(target) : run(step, target, client.variables);
  return problem === undefined || tries === 1 ? problem : carryOut(step, target, client, tries - 1);
}

function run([command, ...args], cwd, variables) {
  const options = { cwd, env: { ...process.env, ...variables }, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
  const { status, stdout, stderr, error } = spawnSync(command, args, { ...options, maxBuffer: 64 * 1024 * 1024 });
  if (status === 0) return undefined;
  console.log(`${stdout ?? ""}${stderr ?? ""}`.split("\n").slice(-40).join("\n"));
  const how = error === undefined ? `status ${status}` : error.message;
  return `${[command, ...args].slice(0, 3).join(" ")} failed: ${how}`;
}

function isOnPath(tool) {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, tool)));
}

function filesBelow(directory) {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

/** How a client is installed counts too: whoever changes a step wants it to be carried out. */
function hashOf(client, files) {
  const how = JSON.stringify(client, (_, value) => (typeof value === "function" ? String(value) : value));
  const hash = createHash("sha256").update(how);
  for (const file of files) hash.update(file.slice(sources.length)).update(readFileSync(file));
  return hash.digest("hex");
}

function readState(target) {
  try {
    return JSON.parse(readFileSync(join(target, "installed.json"), "utf8"));
  } catch {
    return {};
  }
}

function writeState(target, state) {
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "installed.json"), `${JSON.stringify(state, undefined, 2)}\n`);
}
