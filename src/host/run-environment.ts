/** Builds the parts of one execution environment, wires them, starts and ends them in order; decides nothing. */
import { randomBytes } from "node:crypto";
import type { EnvironmentEvent } from "../environment/events.ts";
import { LogTail } from "../observability/log-tail.ts";
import { logEntries } from "../observability/system-lines.ts";
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";
import { chooseDriver } from "../sandbox/choose-driver.ts";
import type { Sandbox, SandboxDriver } from "../sandbox/sandbox.ts";
import { createSandboxApi } from "../sandbox-api/server.ts";
import { BatchLog } from "./batch-log.ts";
import { Callers } from "./callers.ts";
import { carryOut } from "./carry-out.ts";
import { type Clock, systemClock } from "./clock.ts";
import { departures } from "./departures.ts";
import { enforcedLine, refuseLessThanEnforced } from "./enforcement.ts";
import { environmentPort } from "./environment-port.ts";
import { Freezer } from "./freezer.ts";
import { environmentConfiguration, type HostedFunction, type HostSettings, sandboxSpec } from "./hosted-function.ts";
import { logGroupName, logStreamName } from "./log-stream.ts";
import { Machine } from "./machine.ts";
import { networkOf } from "./network.ts";
import { Notices } from "./notices.ts";
import { ParkedCalls } from "./parked-calls.ts";
import { Processes } from "./processes.ts";
import { Records } from "./records.ts";
import { RunningEnvironment } from "./running-environment.ts";
import { TelemetryDelivery } from "./telemetry-delivery.ts";
import { Timers } from "./timers.ts";

/** @throws LambdariumError when the sandbox cannot be made; nothing is left behind then. */
export async function runEnvironment(
  hosted: HostedFunction,
  settings: HostSettings,
  clock: Clock = systemClock,
): Promise<RunningEnvironment> {
  const id = randomBytes(16).toString("hex");
  const { driver, line } = await chooseDriver(settings.sandbox, settings.strict ? "wanted" : "by name only");
  if (settings.strict) refuseLessThanEnforced({ driver, line }, hosted, settings);
  const { network, notice } = networkOf(driver, settings.network);
  const sandbox = await driver.create(sandboxSpec(id, hosted, { network, initCpu: settings.initCpu }));
  try {
    const running = await assemble(id, hosted, settings, clock, driver, sandbox);
    for (const text of [line, enforcedLine(driver), driver.notice, notice, ...departures(hosted, settings)])
      if (text !== "") running.parts.notices.add(text);
    return running;
  } catch (error) {
    await sandbox.destroy();
    throw error;
  }
}

async function assemble(
  id: string,
  hosted: HostedFunction,
  settings: HostSettings,
  clock: Clock,
  driver: SandboxDriver,
  sandbox: Sandbox,
): Promise<RunningEnvironment> {
  const { logFormat, functionVersion } = hosted;
  const stream = logStreamName(clock.now(), functionVersion, id);
  const records = new Records();
  const notices = new Notices(clock.now);
  const batches = new BatchLog(clock.now);
  const logTail = new LogTail(logFormat);
  const callers = new Callers(clock, settings.limitStreamingRate);

  const dispatch = (event: EnvironmentEvent): void => machine.dispatch(event);
  const writeSystemRecord = (record: TelemetryRecord): void => {
    for (const entry of logEntries(record, logFormat)) logTail.accept(entry);
    records.accept(record);
  };
  const telemetry = new TelemetryDelivery(sandbox, clock, {
    logFormat,
    writeSystemRecord,
    batches,
    notices,
    deliverWhileFrozen: settings.deliverWhileFrozen,
  });
  const accept = (record: TelemetryRecord): void => {
    writeSystemRecord(record);
    telemetry.accept(record);
  };

  const freezer = new Freezer(sandbox);
  const parked = new ParkedCalls(dispatch);
  const port = environmentPort(hosted, {
    sandbox,
    parked,
    callers,
    telemetry,
    notices,
    clock,
    extensionsOff: () => machine.environment.generation.extensionsOff,
  });
  const endpoint = await sandbox.listen(createSandboxApi(port));
  const processes = new Processes(
    sandbox,
    clock,
    hosted,
    {
      function: hosted,
      paths: sandbox.paths,
      endpoint,
      address: sandbox.address,
      logGroupName: logGroupName(hosted.functionName),
      logStreamName: stream,
      metadataToken: port.metadata.token,
      ...(port.containerCredentials === undefined ? {} : { containerCredentials: port.containerCredentials }),
    },
    {
      accept,
      dispatch,
      outputEnded: () => telemetry.tell({ event: "stream ended" }),
      note: (text) => notices.add(text),
    },
  );
  const timers = new Timers(clock, (timer) => dispatch({ event: "timer fired", timer }));

  const machine = new Machine(
    environmentConfiguration(hosted, settings, stream),
    clock,
    (effect, now) => carryOut(effect, now, parts),
    () => running.settled(),
  );
  const running = new RunningEnvironment({
    id,
    hosted,
    sandbox,
    machine,
    callers,
    telemetry,
    processes,
    records,
    notices,
    batches,
    endpoint,
    clock,
    freezer,
    logStreamName: stream,
    driverName: driver.name,
    capabilities: driver.capabilities,
  });
  const parts = {
    sandbox,
    freezer,
    processes,
    timers,
    parked,
    callers,
    telemetry,
    logTail,
    extensionsOff: settings.extensionsOff,
    notices,
    accept,
    dispatch,
    environment: () => machine.environment,
    initEnded: running.initEnded,
    refused: running.refused,
    /** Nothing may call us any more, then nobody may wait, then everything is removed. */
    destroy: async () => {
      freezer.giveUp();
      timers.clearAll();
      telemetry.destroy();
      await sandbox.destroy();
      records.close();
      running.isGone();
    },
  };
  return running;
}
