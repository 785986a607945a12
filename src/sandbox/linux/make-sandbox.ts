/** Makes one sandbox out of its parts, or leaves nothing behind. */
import { appendFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { failure } from "../../errors.ts";
import type { SandboxSpec } from "../sandbox.ts";
import { cpuPeriodMicroseconds, cpuShareMicroseconds } from "./cgroup.ts";
import type { Cgroup, CgroupSupport } from "./cgroup.ts";
import { findChildByInnerPid } from "./host-place.ts";
import { findPasta, nameServers, openInternet } from "./internet.ts";
import type { HostPlace } from "./host-place.ts";
import { InitProcess } from "./init-process.ts";
import { launch } from "./launch.ts";
import type { Maker } from "./launch.ts";
import { LinuxSandbox } from "./linux-sandbox.ts";
import { mountsOf } from "./mounts.ts";
import type { Mount } from "./mounts.ts";
import { makeMountPoints, writeReadable } from "./mount-points.ts";
import { makeSandboxDirectory } from "./sandbox-directory.ts";
import { hostsText } from "./skeleton.ts";
import type { Skeleton } from "./skeleton.ts";
import { tmpImage } from "./tmp-image.ts";
import { processesAtMost } from "./user.ts";

export interface Workplace {
  readonly place: HostPlace;
  readonly skeleton: Skeleton;
  readonly maker: Maker;
  readonly cgroups: CgroupSupport | undefined;
  readonly hybridAt: string | undefined;
  readonly tmpOnDisk: boolean;
  readonly mayOverlay: boolean;
}

/** What users measure on Lambda in the first Init (ENV-89). */
const boostCpus = 2;

/** @throws LambdariumError */
export async function makeSandbox(spec: SandboxSpec, workplace: Workplace): Promise<LinuxSandbox> {
  const { place, skeleton, maker, cgroups, tmpOnDisk, mayOverlay, hybridAt } = workplace;
  const [{ directory, procMounts }, image] = await Promise.all([
    makeSandboxDirectory(spec, place.directory),
    tmpOnDisk ? tmpImage(place.base, spec.ephemeralStorageMb) : undefined,
  ]);
  const name = basename(directory);
  let cgroup: Cgroup | undefined;
  let init: InitProcess | undefined;
  let dismiss: (() => void) | undefined;
  try {
    const mounts = [
      ...mountsOf({ skeleton, spec, directory, tmpOnDisk, mayOverlay }),
      ...procMounts,
      ...(await nameService(spec, directory)),
    ];
    await makeMountPoints(skeleton.root, mounts);
    cgroup = cgroups?.create(place.key, name, {
      memoryBytes: spec.memorySizeMb * 1_048_576,
      processes: processesAtMost,
      cpuMicrosecondsPerPeriod: cpuShareMicroseconds(spec.memorySizeMb),
    });
    if (spec.initCpu === "boost") {
      cgroup?.setCpu(boostCpus * cpuPeriodMicroseconds);
    }
    const child = await launch({
      maker,
      directory,
      root: skeleton.root,
      mounts,
      name,
      hostKey: place.key,
      hybridAt,
      memorySizeMb: spec.memorySizeMb,
      tmpImage: image,
      entrances: cgroup?.entrances ?? [],
    });
    init = new InitProcess(child);
    await init.ready();
    const initPid = findChildByInnerPid(child.pid ?? 0, 1);
    if (initPid === undefined) {
      throw new Error("the init program cannot be found");
    }
    dismiss = await connect(spec, initPid, directory);
    return new LinuxSandbox({ directory, init, initPid, cgroup, ...(dismiss === undefined ? {} : { dismiss }) });
  } catch (error) {
    dismiss?.();
    await init?.close();
    cgroup?.remove();
    await rm(directory, { recursive: true, force: true });
    throw failure("sandbox-directory-failed", { path: directory, why: (error as Error).message }, error);
  }
}

async function connect(
  { network }: SandboxSpec,
  initPid: number,
  directory: string,
): Promise<(() => void) | undefined> {
  if (network !== "internet" && network !== "machine") {
    return undefined;
  }
  const pasta = findPasta();
  if (pasta === undefined) {
    throw new Error("the way to the internet takes pasta (package passt), which is not installed");
  }
  const { gateway, close } = await openInternet(pasta, initPid, directory, network === "machine");
  if (network === "machine") {
    await appendFile(hostsFile(directory), `${gateway} ${nameOfMachine}\n`);
  }
  return close;
}

/** What programs call the machine they run on, where they may reach its own servers. */
const nameOfMachine = "machine.lambdarium.internal";

const hostsFile = (directory: string): string => join(directory, "hosts");

async function nameService({ network }: SandboxSpec, directory: string): Promise<readonly Mount[]> {
  if (network !== "internet" && network !== "machine") {
    return [];
  }
  const source = join(directory, "resolv.conf");
  await writeReadable(
    source,
    nameServers()
      .map((address) => `nameserver ${address}\n`)
      .join(""),
  );
  await writeReadable(hostsFile(directory), hostsText);
  return [
    { kind: "bind", source, target: "/etc/resolv.conf" },
    { kind: "bind", source: hostsFile(directory), target: "/etc/hosts" },
  ];
}
