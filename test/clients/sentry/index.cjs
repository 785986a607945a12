// The function that Sentry documents for its layer: what it reports goes to the extension, which sends it on.
const Sentry = require("@sentry/aws-serverless");

Sentry.init({ dsn: process.env.SENTRY_DSN, tunnel: "http://localhost:9000/envelope" });

exports.handler = Sentry.wrapHandler(async (event) => {
  if (event.fail === true) throw new RangeError("out of reach");
  return { seen: event };
});
