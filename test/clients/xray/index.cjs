/** Functions that bring AWS's own tracing libraries; what they trace is below the Invocation subsegment. */
const AWSXRay = require("aws-xray-sdk-core");
const { Tracer } = require("@aws-lambda-powertools/tracer");

/** The X-Ray SDK alone: two subsegments inside one another, with annotation, metadata and an error. */
exports.sdk = async (event) => {
  const outer = AWSXRay.getSegment().addNewSubsegment("pack");
  outer.addAnnotation("parcel", 17);
  outer.addMetadata("event", event);
  const inner = outer.addNewSubsegment("weigh");
  if (event.fail) inner.close(new RangeError("too heavy"));
  else inner.close();
  outer.close();
  return process.env._X_AMZN_TRACE_ID;
};

const tracer = new Tracer({ serviceName: "parcels" });

/** Powertools: a subsegment of the handler's own with its service and cold start, and one within. */
exports.powertools = async () => {
  const parent = tracer.getSegment();
  const handler = parent.addNewSubsegment("## handler");
  tracer.setSegment(handler);
  tracer.annotateColdStart();
  tracer.addServiceNameAnnotation();
  await tracer.provider.captureAsyncFunc("### label", async (subsegment) => {
    tracer.putAnnotation("express", true);
    subsegment?.close();
  });
  handler.close();
  tracer.setSegment(parent);
  return tracer.getRootXrayTraceId();
};
