// Takes so long that as many calls as come in a burst need as many environments.
const waitMs = Number(process.env.WAIT_MS);
exports.handler = () => new Promise((resolve) => setTimeout(resolve, waitMs, "late"));
