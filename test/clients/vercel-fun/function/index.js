exports.handler = async (event, context) => {
  if (event.fail === true) throw new RangeError("out of reach");
  return {
    event,
    awsRequestId: context.awsRequestId,
    invokedFunctionArn: context.invokedFunctionArn,
    clientContext: context.clientContext,
    remainingMs: context.getRemainingTimeInMillis(),
    traceHeader: process.env._X_AMZN_TRACE_ID,
  };
};
