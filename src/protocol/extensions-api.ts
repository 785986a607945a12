/** The Extensions API, version 2020-01-01, as data (spec: extensions-api). */

/** EXT-01 */
export const extensionRoutes = {
  register: "/2020-01-01/extension/register",
  next: "/2020-01-01/extension/event/next",
  initError: "/2020-01-01/extension/init/error",
  exitError: "/2020-01-01/extension/exit/error",
} as const;

/** Header names in the spelling AWS writes them (RT-07). */
export const extensionHeaders = {
  name: "Lambda-Extension-Name",
  identifier: "Lambda-Extension-Identifier",
  acceptFeature: "Lambda-Extension-Accept-Feature",
  eventIdentifier: "Lambda-Extension-Event-Identifier",
  functionErrorType: "Lambda-Extension-Function-Error-Type",
} as const;

/** EXT-15: external and internal together. */
export const maxExtensions = 10;

/** EXT-21, in the order of EVT-68. */
export const extensionEventNames = ["INVOKE", "SHUTDOWN"] as const;
export type ExtensionEventName = (typeof extensionEventNames)[number];

/** EXT-60 */
export type ShutdownReason = "spindown" | "timeout" | "failure";
