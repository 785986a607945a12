/** Builds the parts of one execution environment, wires them, starts and ends them in order; decides nothing. */
import { randomBytes } from "node:crypto";
import type { EnvironmentEvent } from "../environment/events.ts";
import { LogTail } from "../observability/log-tail.ts";
import type { TelemetryRecord } from "../protocol/telemetry-records.ts";
import { createSandboxApi } from "../sandbox-api/server.ts";
import { BatchLog } from "./batch-log.ts";
import { Callers } from "./callers.ts";
import { carryOut, platformFailed } from "./carry-out.ts";
import { type Clock, systemClock } from "./clock.ts";
import { environmentPort } from "./environment-port.ts";
import { Freezer } from "./freezer.ts";
import { History } from "./history.ts";
import { environmentConfiguration, type HostedFunction, type HostSettings } from "./hosted-function.ts";
import { type Inspected, startInspection } from "./inspection.ts";
import { Machine } from "./machine.ts";
import { Notices } from "./notices.ts";
import { type OpenedSandbox, openSandbox } from "./open-sandbox.ts";
import { environmentIdentity, openSinks } from "./open-sinks.ts";
import { ParkedCalls } from "./parked-calls.ts";
import { Processes } from "./processes.ts";
import { Records } from "./records.ts";
import { RunningEnvironment } from "./running-environment.ts";
import { TelemetryDelivery } from "./telemetry-delivery.ts";
import { Timers } from "./timers.ts";
import { variableFacts } from "./variables.ts";
import { openXrayDaemon } from "./xray-daemon.ts";

/** @throws LambdariumError when the sandbox cannot be made; nothing is left behind then. */
export async function runEnvironment(
  hosted: HostedFunction,
  settings: HostSettings,
  clock: Clock = systemClock,
): Promise<RunningEnvironment> {
  const id = randomBytes(16).toString("hex");
  const opened = await openSandbox(id, hosted, settings);
  try {
    const inspected = await startInspection(settings.inspection, clock);
    return await assemble({ id, hosted, settings, inspected, ...opened });
  } catch (error) {
    await opened.sandbox.destroy();
    throw error;
  }
}

type Assembly = OpenedSandbox & { id: string; hosted: HostedFunction; settings: HostSettings; inspected: Inspected };

async function assemble(assembly: Assembly): Promise<RunningEnvironment> {
  const { id, hosted, settings, inspected, sandbox, driver, lines } = assembly;
  const { clock } = inspected;
  const { logFormat } = hosted;
  const identity = environmentIdentity(hosted, id, clock.now());
  const records = new Records(settings.kept?.records);
  const notices = new Notices(clock.now);
  const note = (text: string): void => notices.add(text);
  lines.forEach(note);
  const batches = new BatchLog(clock.now);
  const logTail = new LogTail(logFormat);
  records.listen(logTail.write);
  const acceptSegment = openSinks(settings.sinks, identity, records);
  const callers = new Callers(clock, settings.limitStreamingRate);

  const dispatch = (event: EnvironmentEvent): void => machine.dispatch(event);
  const telemetry = new TelemetryDelivery(sandbox, clock, {
    logFormat,
    writeSystemRecord: records.accept,
    batches,
    notices,
    deliverWhileFrozen: settings.deliverWhileFrozen,
  });
  const accept = (record: TelemetryRecord): void => {
    records.accept(record);
    telemetry.accept(record);
  };

  const freezer = new Freezer(sandbox, settings.freezeDelayMs);
  const parked = new ParkedCalls(dispatch);
  const port = environmentPort(hosted, {
    sandbox,
    parked,
    callers,
    telemetry,
    notices,
    clock,
    extensionsOff: () => machine.environment.generation.extensionsOff,
    faulted: (cause) => platformFailed({ dispatch, notices }, cause),
  });
  const endpoint = await sandbox.listen(createSandboxApi(port));
  const daemonEndpoint = await openXrayDaemon(hosted, { sandbox, clock, accept: acceptSegment, note });
  const processes = new Processes(
    sandbox,
    clock,
    hosted,
    variableFacts(hosted, sandbox, port, { endpoint, daemonEndpoint, logStreamName: identity.logStream }),
    {
      accept,
      dispatch,
      outputEnded: () => telemetry.tell({ event: "stream ended" }),
      note,
      inspected,
    },
  );
  const timers = new Timers(clock, (timer) => dispatch({ event: "timer fired", timer }));

  const machine = new Machine(
    environmentConfiguration(hosted, settings, identity.logStream),
    clock,
    (effect, now) => carryOut(effect, now, parts),
    () => running.settled(),
    new History(settings.kept?.steps),
  );
  const shared = { sandbox, freezer, processes, callers, telemetry, notices };
  const running = new RunningEnvironment({
    ...shared,
    id,
    hosted,
    machine,
    records,
    batches,
    endpoint,
    clock,
    logStreamName: identity.logStream,
    driverName: driver.name,
    capabilities: driver.capabilities,
  });
  const parts = {
    ...shared,
    timers,
    parked,
    logTail,
    extensionsOff: settings.extensionsOff,
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
      inspected.close();
      records.close();
      running.isGone();
    },
  };
  return running;
}
