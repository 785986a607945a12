/** The TCP side of an environment's X-Ray daemon: it stands between the function and the X-Ray API. */
import { createServer, type Server } from "node:http";
import { readRequest } from "../../aws-api/read-request.ts";
import { sendResponse } from "../../aws-api/send-response.ts";
import { daemonOperations, type DaemonFacts } from "./daemon-operations.ts";
import { answerXray } from "./xray-operation.ts";

/** Not listening yet. */
export function daemonServer(facts: DaemonFacts): Server {
  const operations = daemonOperations(facts);
  return createServer((message, response) => {
    const request = readRequest(message, response);
    void answerXray(operations, request)
      .catch(() => ({ status: 500 }))
      .then((answer) => sendResponse(message, response, request, answer));
  });
}
