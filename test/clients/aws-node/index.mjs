// Run by AWS's own Node.js runtime interface client.
export async function handler(event, context) {
  console.log("first line\nsecond line");
  console.error(new RangeError("only logged"));
  if (event.fail === true) throw new RangeError("out of reach");
  return {
    event,
    awsRequestId: context.awsRequestId,
    functionName: context.functionName,
    invokedFunctionArn: context.invokedFunctionArn,
    clientContext: context.clientContext,
    remainingMs: context.getRemainingTimeInMillis(),
    traceHeader: process.env._X_AMZN_TRACE_ID,
  };
}

export const stream = awslambda.streamifyResponse(async (event, responseStream) => {
  responseStream.setContentType("text/plain");
  responseStream.write("one ");
  responseStream.write("two ");
  if (event.fail === true) throw new RangeError("in the middle");
  responseStream.write("three");
  responseStream.end();
});
