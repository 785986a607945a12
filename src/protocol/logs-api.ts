/** Where the superseded Logs API is served; everything else it has in common with the Telemetry API. */

/** LGS-01, LGS-02: the path stays when the schema version changes. */
export const logsRoute = "/2020-08-15/logs";
