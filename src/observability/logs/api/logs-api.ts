/** CloudWatch Logs, version 2014-03-28, over the store. */
import type { AwsApi } from "../../../aws-api/exchange.ts";
import { type JsonOperation, jsonTargetApi } from "../../../aws-api/json-target-api.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { getLogEvents } from "./get-log-events.ts";
import { groupOperations } from "./group-operations.ts";
import type { LogsService } from "./logs-operation.ts";
import { putLogEvents } from "./put-log-events.ts";
import { startLiveTail } from "./start-live-tail.ts";
import { streamOperations } from "./stream-operations.ts";

/** PutLogEvents' batch, written as JSON that escapes every byte of it. */
const maxBodyBytes = 8_388_608;

/** `more`: operations that others bring, such as queries of Logs Insights. */
export function logsApi(service: LogsService, more: Readonly<Record<string, JsonOperation>> = {}): AwsApi {
  const operations = {
    ...groupOperations(service),
    ...streamOperations(service),
    GetLogEvents: getLogEvents(service),
    FilterLogEvents: filterLogEvents(service),
    PutLogEvents: putLogEvents(service),
    StartLiveTail: startLiveTail(service),
    ...more,
  };
  return jsonTargetApi({
    service: "logs",
    target: "Logs_20140328",
    maxBodyBytes,
    operations,
    unknown: (name) => ({
      name: "UnknownOperationException",
      status: 400,
      message: `Lambdarium does not offer ${name} of CloudWatch Logs. It offers ${Object.keys(operations).sort().join(", ")}.`,
    }),
  });
}
