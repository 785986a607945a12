/** The examples of the specification: neutral records, and what each version makes of them. For tests. */
import type { SchemaVersion } from "../../src/protocol/telemetry-api.ts";
import type { TelemetryRecord } from "../../src/protocol/telemetry-records.ts";

export interface Example {
  readonly record: TelemetryRecord;
  /** The events of each version, in order; versions that are not named have none. */
  readonly events: Readonly<Partial<Record<SchemaVersion, readonly string[]>>>;
}

const at = (clock: string): number => Date.parse(`2026-04-11T${clock}Z`);

const inTelemetry = (...events: readonly string[]): Example["events"] => ({
  "2022-07-01": events,
  "2022-12-13": events,
  "2025-01-29": events,
});

const inLogs = (...events: readonly string[]): Example["events"] => ({ "2020-08-15": events, "2021-03-18": events });

const everywhere = (event: string): Example["events"] => ({ ...inTelemetry(event), ...inLogs(event) });

const nodeRuntime = {
  runtimeVersion: "nodejs:22.v40",
  runtimeVersionArn:
    "arn:aws:lambda:eu-north-1::runtime:4f1c0e2d3b4a59687786950413223140f1e2d3c4b5a69788796a5b4c3d2e1f00",
};
const javaRuntime = {
  runtimeVersion: "java:21.v55",
  runtimeVersionArn:
    "arn:aws:lambda:eu-north-1::runtime:00aa11bb22cc33dd44ee55ff66778899aabbccddeeff00112233445566778899",
};
const requestId = "7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5";
const tracing = {
  spanId: "5a4b3c2d1e0f9a8b",
  value: "Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=0f1e2d3c4b5a6978;Sampled=1",
};

const initStart: Example = {
  record: {
    time: at("06:20:00.100"),
    type: "platform.initStart",
    initializationType: "on-demand",
    phase: "init",
    functionName: "ship-parcel",
    functionVersion: "3",
    instanceId: "2026/04/11/[3]9a8b7c6d5e4f30211203f4e5d6c7b8a9",
    instanceMaxMemory: 536_870_912,
    runtimeVersion: nodeRuntime,
  },
  events: {
    ...inTelemetry(
      `{"time":"2026-04-11T06:20:00.100Z","type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init","runtimeVersion":"nodejs:22.v40","runtimeVersionArn":"arn:aws:lambda:eu-north-1::runtime:4f1c0e2d3b4a59687786950413223140f1e2d3c4b5a69788796a5b4c3d2e1f00","functionName":"ship-parcel","functionVersion":"3","instanceId":"2026/04/11/[3]9a8b7c6d5e4f30211203f4e5d6c7b8a9","instanceMaxMemory":536870912}}`,
    ),
    "2022-07-01": [
      `{"time":"2026-04-11T06:20:00.100Z","type":"platform.initStart","record":{"initializationType":"on-demand","phase":"init","runtimeVersion":"nodejs:22.v40","runtimeVersionArn":"arn:aws:lambda:eu-north-1::runtime:4f1c0e2d3b4a59687786950413223140f1e2d3c4b5a69788796a5b4c3d2e1f00"}}`,
    ],
  },
};

const initRuntimeDone: Example = {
  record: {
    time: at("06:20:00.512"),
    type: "platform.initRuntimeDone",
    initializationType: "on-demand",
    phase: "init",
    status: "success",
  },
  events: inTelemetry(
    `{"time":"2026-04-11T06:20:00.512Z","type":"platform.initRuntimeDone","record":{"initializationType":"on-demand","phase":"init","status":"success"}}`,
  ),
};

const initReport: Example = {
  record: {
    time: at("06:20:00.513"),
    type: "platform.initReport",
    initializationType: "on-demand",
    phase: "init",
    status: "success",
    durationMs: 412.907,
  },
  events: {
    ...inTelemetry(
      `{"time":"2026-04-11T06:20:00.513Z","type":"platform.initReport","record":{"initializationType":"on-demand","phase":"init","status":"success","metrics":{"durationMs":412.907}}}`,
    ),
    "2022-07-01": [
      `{"time":"2026-04-11T06:20:00.513Z","type":"platform.initReport","record":{"initializationType":"on-demand","metrics":{"durationMs":412.907},"phase":"init"}}`,
    ],
  },
};

const restoreStart: Example = {
  record: {
    time: at("07:00:00.000"),
    type: "platform.restoreStart",
    functionName: "ship-parcel",
    functionVersion: "3",
    instanceId: "2026/04/11/[3]0102030405060708090a0b0c0d0e0f10",
    instanceMaxMemory: 1_073_741_824,
    runtimeVersion: javaRuntime,
  },
  events: {
    ...inTelemetry(
      `{"time":"2026-04-11T07:00:00.000Z","type":"platform.restoreStart","record":{"runtimeVersion":"java:21.v55","runtimeVersionArn":"arn:aws:lambda:eu-north-1::runtime:00aa11bb22cc33dd44ee55ff66778899aabbccddeeff00112233445566778899","functionName":"ship-parcel","functionVersion":"3","instanceId":"2026/04/11/[3]0102030405060708090a0b0c0d0e0f10","instanceMaxMemory":1073741824}}`,
    ),
    "2022-07-01": [
      `{"time":"2026-04-11T07:00:00.000Z","type":"platform.restoreStart","record":{"runtimeVersion":"java:21.v55","runtimeVersionArn":"arn:aws:lambda:eu-north-1::runtime:00aa11bb22cc33dd44ee55ff66778899aabbccddeeff00112233445566778899"}}`,
    ],
  },
};

const restoreRuntimeDone: Example = {
  record: {
    time: at("08:30:00.199"),
    type: "platform.restoreRuntimeDone",
    status: "error",
    errorType: "Function.RestoreHookFailed",
  },
  events: inTelemetry(
    `{"time":"2026-04-11T08:30:00.199Z","type":"platform.restoreRuntimeDone","record":{"status":"error","errorType":"Function.RestoreHookFailed"}}`,
  ),
};

const restoreReport: Example = {
  record: { time: at("07:00:00.201"), type: "platform.restoreReport", status: "success", durationMs: 200.88 },
  events: {
    ...inTelemetry(
      `{"time":"2026-04-11T07:00:00.201Z","type":"platform.restoreReport","record":{"status":"success","metrics":{"durationMs":200.88}}}`,
    ),
    "2022-07-01": [
      `{"time":"2026-04-11T07:00:00.201Z","type":"platform.restoreReport","record":{"metrics":{"durationMs":200.88}}}`,
    ],
  },
};

const startRecord = {
  time: at("06:20:00.520"),
  type: "platform.start",
  requestId,
  functionArn: "arn:aws:lambda:eu-north-1:222233334444:function:ship-parcel:live",
  version: "3",
} as const;

const plainStart = `{"time":"2026-04-11T06:20:00.520Z","type":"platform.start","record":{"requestId":"7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5","version":"3"}}`;

const start: Example = {
  record: startRecord,
  events: {
    ...everywhere(plainStart),
    "2025-01-29": [
      `{"time":"2026-04-11T06:20:00.520Z","type":"platform.start","record":{"requestId":"7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5","functionArn":"arn:aws:lambda:eu-north-1:222233334444:function:ship-parcel:live","version":"3"}}`,
    ],
  },
};

const tracedMembers = `"tracing":{"spanId":"5a4b3c2d1e0f9a8b","type":"X-Amzn-Trace-Id","value":"Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=0f1e2d3c4b5a6978;Sampled=1"}`;

const tracedStart: Example = {
  record: { ...startRecord, tracing },
  events: {
    ...inTelemetry(
      `{"time":"2026-04-11T06:20:00.520Z","type":"platform.start","record":{"requestId":"7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5","version":"3",${tracedMembers}}}`,
    ),
    ...inLogs(plainStart),
    "2025-01-29": [
      `{"time":"2026-04-11T06:20:00.520Z","type":"platform.start","record":{"requestId":"7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5","functionArn":"arn:aws:lambda:eu-north-1:222233334444:function:ship-parcel:live","version":"3",${tracedMembers}}}`,
    ],
  },
};

const runtimeDone: Example = {
  record: {
    time: at("06:20:00.598"),
    type: "platform.runtimeDone",
    requestId,
    status: "success",
    durationMs: 76.144,
    producedBytes: 41,
    spans: [
      { name: "responseLatency", start: at("06:20:00.521"), durationMs: 74.313 },
      { name: "responseDuration", start: at("06:20:00.596"), durationMs: 0.094 },
      { name: "runtimeOverhead", start: at("06:20:00.596"), durationMs: 1.702 },
    ],
  },
  events: {
    ...inTelemetry(
      `{"time":"2026-04-11T06:20:00.598Z","type":"platform.runtimeDone","record":{"requestId":"7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5","status":"success","spans":[{"name":"responseLatency","start":"2026-04-11T06:20:00.521Z","durationMs":74.313},{"name":"responseDuration","start":"2026-04-11T06:20:00.596Z","durationMs":0.094},{"name":"runtimeOverhead","start":"2026-04-11T06:20:00.596Z","durationMs":1.702}],"metrics":{"durationMs":76.144,"producedBytes":41}}}`,
    ),
    "2021-03-18": [
      `{"time":"2026-04-11T06:20:00.598Z","type":"platform.runtimeDone","record":{"requestId":"7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5","status":"success"}}`,
    ],
  },
};

const end = `{"time":"2026-04-11T06:20:00.611Z","type":"platform.end","record":{"requestId":"7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5"}}`;

const reportRecord = {
  time: at("06:20:00.611"),
  type: "platform.report",
  requestId,
  status: "success",
  durationMs: 88.905,
  billedDurationMs: 502,
  memorySizeMB: 512,
  maxMemoryUsedMB: 97,
  initDurationMs: 412.907,
  spans: [{ name: "extensionOverhead", start: at("06:20:00.598"), durationMs: 12.6 }],
} as const;

const reportMembers = `"requestId":"7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5","metrics":{"durationMs":88.905,"billedDurationMs":502,"memorySizeMB":512,"maxMemoryUsedMB":97,"initDurationMs":412.91}`;
const reportSpan = `"spans":[{"name":"extensionOverhead","start":"2026-04-11T06:20:00.598Z","durationMs":12.6}]`;

const report: Example = {
  record: reportRecord,
  events: {
    ...inTelemetry(
      `{"time":"2026-04-11T06:20:00.611Z","type":"platform.report","record":{${reportMembers},${reportSpan},"status":"success"}}`,
    ),
    ...inLogs(end, `{"time":"2026-04-11T06:20:00.611Z","type":"platform.report","record":{${reportMembers}}}`),
  },
};

const tracedReport: Example = {
  record: { ...reportRecord, tracing },
  events: {
    ...inTelemetry(
      `{"time":"2026-04-11T06:20:00.611Z","type":"platform.report","record":{${reportMembers},${reportSpan},"status":"success",${tracedMembers}}}`,
    ),
    ...inLogs(
      end,
      `{"time":"2026-04-11T06:20:00.611Z","type":"platform.report","record":{${reportMembers},"tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1-69d9e8b0-a1b2c3d4e5f60718293a4b5c;Parent=0f1e2d3c4b5a6978;Sampled=1"}}}`,
    ),
  },
};

const timedOutMembers = `"requestId":"0b1c2d3e-4f50-4a61-9b72-8c93ad04be15","metrics":{"durationMs":2000,"billedDurationMs":2000,"memorySizeMB":512,"maxMemoryUsedMB":97}`;

const timedOutReport: Example = {
  record: {
    time: at("06:22:05.900"),
    type: "platform.report",
    requestId: "0b1c2d3e-4f50-4a61-9b72-8c93ad04be15",
    status: "timeout",
    durationMs: 2000,
    billedDurationMs: 2000,
    memorySizeMB: 512,
    maxMemoryUsedMB: 97,
    spans: [],
  },
  events: {
    ...inTelemetry(
      `{"time":"2026-04-11T06:22:05.900Z","type":"platform.report","record":{${timedOutMembers},"status":"timeout"}}`,
    ),
    ...inLogs(
      `{"time":"2026-04-11T06:22:05.900Z","type":"platform.fault","record":"RequestId: 0b1c2d3e-4f50-4a61-9b72-8c93ad04be15\\tStatus: timeout\\n"}`,
      `{"time":"2026-04-11T06:22:05.900Z","type":"platform.end","record":{"requestId":"0b1c2d3e-4f50-4a61-9b72-8c93ad04be15"}}`,
      `{"time":"2026-04-11T06:22:05.900Z","type":"platform.report","record":{${timedOutMembers}}}`,
    ),
  },
};

const extension: Example = {
  record: {
    time: at("06:20:00.512"),
    type: "platform.extension",
    name: "trace-forwarder",
    state: "Ready",
    events: ["INVOKE", "SHUTDOWN"],
  },
  events: everywhere(
    `{"time":"2026-04-11T06:20:00.512Z","type":"platform.extension","record":{"name":"trace-forwarder","state":"Ready","events":["INVOKE","SHUTDOWN"]}}`,
  ),
};

const telemetrySubscription: Example = {
  record: {
    time: at("06:20:00.230"),
    type: "platform.telemetrySubscription",
    name: "trace-forwarder",
    state: "Subscribed",
    types: ["platform", "function"],
  },
  events: inTelemetry(
    `{"time":"2026-04-11T06:20:00.230Z","type":"platform.telemetrySubscription","record":{"name":"trace-forwarder","state":"Subscribed","types":["platform","function"]}}`,
  ),
};

const logsSubscription: Example = {
  record: {
    time: at("06:20:00.231"),
    type: "platform.logsSubscription",
    name: "line-archiver",
    state: "Subscribed",
    types: ["platform", "function", "extension"],
  },
  events: inLogs(
    `{"time":"2026-04-11T06:20:00.231Z","type":"platform.logsSubscription","record":{"name":"line-archiver","state":"Subscribed","types":["platform","function","extension"]}}`,
  ),
};

const logsDropped: Example = {
  record: {
    time: at("06:21:30.007"),
    type: "platform.logsDropped",
    reason: "Some logs were dropped because the downstream consumer is slower than the logs production rate",
    droppedRecords: 73,
    droppedBytes: 20_544,
  },
  events: everywhere(
    `{"time":"2026-04-11T06:21:30.007Z","type":"platform.logsDropped","record":{"reason":"Some logs were dropped because the downstream consumer is slower than the logs production rate","droppedRecords":73,"droppedBytes":20544}}`,
  ),
};

const functionLine: Example = {
  record: { time: at("06:20:00.540"), type: "function", stream: "stdout", text: "label printed for parcel 17\n" },
  events: everywhere(`{"time":"2026-04-11T06:20:00.540Z","type":"function","record":"label printed for parcel 17\\n"}`),
};

const extensionLine: Example = {
  record: {
    time: at("06:20:00.541"),
    type: "extension",
    extensionName: "trace-forwarder",
    stream: "stdout",
    text: "2 spans buffered\n",
  },
  events: everywhere(`{"time":"2026-04-11T06:20:00.541Z","type":"extension","record":"2 spans buffered\\n"}`),
};

const objectText = `{"timestamp":"2026-04-11T06:20:00.542Z","level":"WARN","requestId":"7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5","message":"printer queue long"}`;
const objectEvent = `{"time":"2026-04-11T06:20:00.542Z","type":"function","record":${objectText}}`;

/** In log format JSON. */
export const jsonLine: Example = {
  record: { time: at("06:20:00.542"), type: "function", stream: "log", text: `${objectText}\n` },
  events: {
    ...everywhere(
      `{"time":"2026-04-11T06:20:00.542Z","type":"function","record":${JSON.stringify(`${objectText}\n`)}}`,
    ),
    "2022-12-13": [objectEvent],
    "2025-01-29": [objectEvent],
  },
};

/** In log format Text. */
export const examples = {
  initStart,
  initRuntimeDone,
  initReport,
  restoreStart,
  restoreRuntimeDone,
  restoreReport,
  start,
  tracedStart,
  runtimeDone,
  report,
  tracedReport,
  timedOutReport,
  extension,
  telemetrySubscription,
  logsSubscription,
  logsDropped,
  functionLine,
  extensionLine,
} satisfies Record<string, Example>;
