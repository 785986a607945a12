// A function as Powertools' own documentation writes one: metrics and structured logs.
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricResolution, MetricUnit } from "@aws-lambda-powertools/metrics";

const metrics = new Metrics({ namespace: "Shop", serviceName: "till" });
const logger = new Logger({ serviceName: "till", logLevel: "INFO" });

export const handler = async (event, context) => {
  logger.addContext(context);
  metrics.captureColdStartMetric();
  metrics.addMetric("orders", MetricUnit.Count, event.orders);
  metrics.addMetric("orders", MetricUnit.Count, 1);
  metrics.addMetric("latency", MetricUnit.Milliseconds, 12.5, MetricResolution.High);
  metrics.addMetadata("customer", event.customer);
  const single = metrics.singleMetric();
  single.addDimension("zone", "a");
  single.addMetric("visits", MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
  logger.info("order taken", { order: { id: event.orders, customer: event.customer } });
  logger.debug("not shown");
  return event.orders;
};
